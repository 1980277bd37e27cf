import type * as Yjs from "yjs";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideInteger } from "../replica-ids.js";

/** Yjs as servers run it: garbage collection on, update format 1. */
export const yjs: SharedTextLibrary = {
  kind: "shared",
  name: "yjs",
  packageName: "yjs",
  bundle: {
    program: 'export { Doc, applyUpdate, encodeStateAsUpdate } from "yjs";',
    client: [
      'export { HocuspocusProvider } from "@hocuspocus/provider";',
      'export { IndexeddbPersistence } from "y-indexeddb";',
      'export { Doc, UndoManager } from "yjs";',
    ].join("\n"),
  },
  note: "Yjs collects deleted text, as it does by default; its file is also what a joining client needs. Its client is Hocuspocus' provider with y-indexeddb.",
  async open() {
    const Y = await import("yjs");
    const empty = (index: number): Yjs.Doc => {
      const doc = new Y.Doc();
      doc.clientID = Number(wideInteger(index, 32));
      return doc;
    };
    return {
      create: (index, publishes) => new YjsReplica(Y, empty(index), publishes),
      load(saved, index) {
        const doc = empty(index);
        Y.applyUpdate(doc, saved);
        return new YjsReplica(Y, doc, true);
      },
    };
  },
};

class YjsReplica implements Replica {
  readonly #yjs: typeof Yjs;
  readonly #doc: Yjs.Doc;
  readonly #text: Yjs.Text;
  #latest: Uint8Array = new Uint8Array();

  constructor(yjs: typeof Yjs, doc: Yjs.Doc, publishes: boolean) {
    this.#yjs = yjs;
    this.#doc = doc;
    this.#text = doc.getText("text");
    if (publishes) {
      doc.on("update", (update: Uint8Array) => {
        this.#latest = update;
      });
    }
  }

  edit(position: number, deleted: number, inserted: string): void {
    if (deleted > 0 && inserted !== "") {
      this.#doc.transact(() => {
        this.#text.delete(position, deleted);
        this.#text.insert(position, inserted);
      });
    } else if (deleted > 0) this.#text.delete(position, deleted);
    else this.#text.insert(position, inserted);
  }

  text(): string {
    return this.#text.toString();
  }

  takeUpdate(): Uint8Array {
    return this.#latest;
  }

  receive(update: Uint8Array): void {
    this.#yjs.applyUpdate(this.#doc, update);
  }

  /** One transaction around all: `mergeUpdates` before one `applyUpdate` took 45 times as long. */
  receiveAll(updates: readonly Uint8Array[]): void {
    this.#doc.transact(() => {
      for (const update of updates) this.#yjs.applyUpdate(this.#doc, update);
    });
  }

  save(): Uint8Array {
    return this.#yjs.encodeStateAsUpdate(this.#doc);
  }

  saveForJoining(): Uint8Array {
    return this.save();
  }

  dispose(): void {
    this.#doc.destroy();
  }
}
