import type { LoroDoc, LoroText } from "loro-crdt";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideInteger } from "../replica-ids.js";

/** Loro (Rust, compiled to WASM). A commit after each edit, as an editor makes them. */
export const loro: SharedTextLibrary = {
  kind: "shared",
  name: "loro",
  packageName: "loro-crdt",
  bundle: {
    program: 'export { default as initialise, LoroDoc } from "loro-crdt/web";',
    files: ["loro-crdt/web/loro_wasm_bg.wasm"],
  },
  roundsMax: 2,
  note: "Loro: a joining client gets a shallow snapshot, without any history. Its figures are of two processes, because a replay takes it half a minute.",
  async open() {
    const { LoroDoc } = await import("loro-crdt");
    const empty = (index: number): LoroDoc => {
      const doc = new LoroDoc();
      doc.setPeerId(wideInteger(index, 64));
      return doc;
    };
    return {
      create: (index, publishes) => new LoroReplica(empty(index), publishes),
      load(saved, index) {
        const doc = empty(index);
        doc.import(saved);
        return new LoroReplica(doc, true);
      },
    };
  },
};

class LoroReplica implements Replica {
  readonly #doc: LoroDoc;
  readonly #text: LoroText;
  #latest: Uint8Array = new Uint8Array();

  constructor(doc: LoroDoc, publishes: boolean) {
    this.#doc = doc;
    this.#text = doc.getText("text");
    if (publishes) {
      doc.subscribeLocalUpdates((update) => {
        this.#latest = update;
      });
    }
  }

  edit(position: number, deleted: number, inserted: string): void {
    if (deleted > 0) this.#text.delete(position, deleted);
    if (inserted !== "") this.#text.insert(position, inserted);
    this.#doc.commit();
  }

  text(): string {
    return this.#text.toString();
  }

  takeUpdate(): Uint8Array {
    return this.#latest;
  }

  receive(update: Uint8Array): void {
    this.#doc.import(update);
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    this.#doc.importBatch([...updates]);
  }

  save(): Uint8Array {
    return this.#doc.export({ mode: "snapshot" });
  }

  saveForJoining(): Uint8Array {
    return this.#doc.export({ mode: "shallow-snapshot", frontiers: this.#doc.frontiers() });
  }

  dispose(): void {
    this.#text.free();
    this.#doc.free();
  }
}
