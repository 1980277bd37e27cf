import type { TextCRDT } from "@motet/crdt-core";
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
  },
  async open() {
    const { TextCRDT, mergeUpdates, replicaId } = await import("@motet/crdt-core");
    const empty = (index: number): TextCRDT => new TextCRDT(replicaId(wideText(index)));
    const replica = (text: TextCRDT): Replica => new MotetReplica(text, mergeUpdates);
    return {
      create: (index) => replica(empty(index)),
      load: (saved, index) => replica(TextCRDT.load(replicaId(wideText(index)), saved)),
    };
  },
};

class MotetReplica implements Replica {
  readonly #text: TextCRDT;
  readonly #merged: (updates: readonly Uint8Array[]) => Uint8Array;

  constructor(text: TextCRDT, merged: (updates: readonly Uint8Array[]) => Uint8Array) {
    this.#text = text;
    this.#merged = merged;
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
    this.#text.applyUpdate(this.#merged(updates));
  }

  save(): Uint8Array {
    return this.#text.encodeState();
  }

  saveForJoining(): Uint8Array {
    return this.#text.encodeState({ withoutDeleted: true });
  }
}
