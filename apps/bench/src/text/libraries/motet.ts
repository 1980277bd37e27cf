import type * as crdtCore from "@motet/crdt-core";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideText } from "../replica-ids.js";

/** Ours, by its public face alone. */
export const motet: SharedTextLibrary = {
  kind: "shared",
  name: "motet",
  packageName: "@motet/crdt-core",
  bundle: {
    program: 'export { TextCRDT, replicaId } from "@motet/crdt-core";',
    all: 'export * from "@motet/crdt-core";',
    client: 'export { connect } from "@motet/client";',
  },
  async open() {
    const core = await import("@motet/crdt-core");
    const { TextCRDT, replicaId } = core;
    const empty = (index: number): crdtCore.TextCRDT => new TextCRDT(replicaId(wideText(index)));
    const replica = (text: crdtCore.TextCRDT): Replica => new MotetReplica(text, core);
    return {
      create: (index) => replica(empty(index)),
      load: (saved, index) => replica(TextCRDT.load(replicaId(wideText(index)), saved)),
    };
  },
};

class MotetReplica implements Replica {
  readonly #text: crdtCore.TextCRDT;
  readonly #core: typeof crdtCore;

  constructor(text: crdtCore.TextCRDT, core: typeof crdtCore) {
    this.#text = text;
    this.#core = core;
  }

  edit(position: number, deleted: number, inserted: string): void {
    if (deleted > 0) this.#text.delete(position, deleted);
    if (inserted !== "") this.#text.insert(position, inserted);
  }

  text(): string {
    return this.#text.toString();
  }

  takeUpdate(): Uint8Array {
    return this.#text.takeUpdate()!;
  }

  receive(update: Uint8Array): void {
    this.#text.applyUpdate(update);
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    this.#text.applyUpdate(this.#core.mergeUpdates(updates));
  }

  save(): Uint8Array {
    return this.#core.encodeState(this.#text);
  }

  saveForJoining(): Uint8Array {
    return this.#core.encodeState(this.#text, { withoutDeleted: true });
  }
}
