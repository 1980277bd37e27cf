import type * as Ywasm from "ywasm";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideInteger } from "../replica-ids.js";

/** Yrs, the Rust port of Yjs, compiled to WASM. */
export const ywasm: SharedTextLibrary = {
  kind: "shared",
  name: "ywasm",
  packageName: "ywasm",
  bundle: {
    // Its only build is for Node: the program loads its WASM with `fs`, which the bundle leaves out.
    program: 'export { YDoc, applyUpdate, encodeStateAsUpdate } from "ywasm";',
    files: ["ywasm/ywasm_bg.wasm"],
  },
  editsMax: 5_000,
  async open() {
    const Y = await import("ywasm");
    const empty = (index: number): Ywasm.YDoc => new Y.YDoc({ clientID: Number(wideInteger(index, 32)) });
    return {
      create: (index, publishes) => new YwasmReplica(Y, empty(index), publishes),
      load(saved, index) {
        const doc = empty(index);
        Y.applyUpdate(doc, saved, undefined);
        return new YwasmReplica(Y, doc, true);
      },
    };
  },
};

class YwasmReplica implements Replica {
  readonly #ywasm: typeof Ywasm;
  readonly #doc: Ywasm.YDoc;
  readonly #text: Ywasm.YText;
  #latest: Uint8Array = new Uint8Array();

  constructor(ywasm: typeof Ywasm, doc: Ywasm.YDoc, publishes: boolean) {
    this.#ywasm = ywasm;
    this.#doc = doc;
    this.#text = doc.getText("text");
    if (publishes) {
      doc.onUpdate((update: Uint8Array) => {
        this.#latest = update;
      });
    }
  }

  edit(position: number, deleted: number, inserted: string): void {
    this.#transact((transaction) => {
      if (deleted > 0) this.#text.delete(position, deleted, transaction);
      if (inserted !== "") this.#text.insert(position, inserted, undefined, transaction);
    });
  }

  text(): string {
    return this.#text.toString(undefined);
  }

  takeUpdate(): Uint8Array {
    return this.#latest;
  }

  receive(update: Uint8Array): void {
    this.#ywasm.applyUpdate(this.#doc, update, undefined);
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    this.#transact((transaction) => {
      for (const update of updates) transaction.applyV1(update);
    });
  }

  save(): Uint8Array {
    return this.#ywasm.encodeStateAsUpdate(this.#doc);
  }

  saveForJoining(): Uint8Array {
    return this.save();
  }

  dispose(): void {
    this.#text.free();
    this.#doc.free();
  }

  #transact(work: (transaction: Ywasm.YTransaction) => void): void {
    const transaction = this.#doc.beginTransaction(undefined);
    try {
      work(transaction);
    } finally {
      transaction.free();
    }
  }
}
