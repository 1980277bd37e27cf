import type { Model } from "json-joy/lib/json-crdt/model/Model.js";
import type { Patch } from "json-joy/lib/json-crdt-patch/Patch.js";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideInteger } from "../replica-ids.js";

/** json-joy's session ids have up to 53 bits. */
const session = (index: number): number => Number(wideInteger(index, 53));

/** json-joy 17, the last line under the Apache licence. */
export const jsonJoy: SharedTextLibrary = {
  kind: "shared",
  name: "json-joy",
  packageName: "json-joy",
  bundle: {
    program: `export { Model } from "json-joy/esm/json-crdt/model/Model.js";
      export { Patch } from "json-joy/esm/json-crdt-patch/Patch.js";`,
  },
  note: "json-joy keeps no deleted text; its file is also what a joining client needs. Its batch is `applyBatch`, which wants all patches decoded first.",
  async open() {
    const { Model } = await import("json-joy/lib/json-crdt/model/Model.js");
    const { Patch } = await import("json-joy/lib/json-crdt-patch/Patch.js");
    const decoded = (update: Uint8Array): Patch => Patch.fromBinary(update);
    const first = Model.create(undefined, session(0));
    first.api.root("");
    first.api.flush();
    const empty = first.toBinary();
    return {
      create: (index, publishes) =>
        new JsonJoyReplica(Model.load(empty, session(index + 1)), decoded, publishes),
      load: (saved, index) => new JsonJoyReplica(Model.load(saved, session(index + 1)), decoded, true),
    };
  },
};

class JsonJoyReplica implements Replica {
  readonly #model: Model;
  readonly #string: ReturnType<Model["api"]["str"]>;
  readonly #decoded: (update: Uint8Array) => Patch;
  readonly #publishes: boolean;

  constructor(model: Model, decoded: (update: Uint8Array) => Patch, publishes: boolean) {
    this.#model = model;
    this.#string = model.api.str([]);
    this.#decoded = decoded;
    this.#publishes = publishes;
  }

  edit(position: number, deleted: number, inserted: string): void {
    if (deleted > 0) this.#string.del(position, deleted);
    if (inserted !== "") this.#string.ins(position, inserted);
    // A patch that is never flushed keeps every operation and made an edit three times as slow.
    if (!this.#publishes) this.#model.api.flush();
  }

  text(): string {
    return this.#string.view();
  }

  takeUpdate(): Uint8Array {
    return this.#model.api.flush().toBinary();
  }

  receive(update: Uint8Array): void {
    this.#model.applyPatch(this.#decoded(update));
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    this.#model.applyBatch(updates.map(this.#decoded));
  }

  save(): Uint8Array {
    return this.#model.toBinary();
  }

  saveForJoining(): Uint8Array {
    return this.save();
  }
}
