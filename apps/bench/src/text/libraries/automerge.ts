import type * as Automerge from "@automerge/automerge";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideHex } from "../replica-ids.js";

/** What is shared: one text in a map. */
interface Content {
  text: string;
}

/** Automerge (Rust, compiled to WASM). A change for each edit, as an editor makes them. */
export const automerge: SharedTextLibrary = {
  kind: "shared",
  name: "automerge",
  packageName: "@automerge/automerge",
  bundle: {
    program: 'export { init, change, splice, load, save, initializeWasm } from "@automerge/automerge/slim";',
    files: ["@automerge/automerge/dist/automerge.wasm"],
  },
  editsMax: 250,
  roundsMax: 2,
  note: "Automerge: its file, load and memory are of the whole trace typed in one change. Its figures are of two processes, because a round of them takes it most of a minute.",
  async open() {
    const A = await import("@automerge/automerge");
    const actor = (index: number): { actor: string } => ({ actor: wideHex(index, 16) });
    const first = A.change(A.init<Content>(actor(0)), { time: 0 }, (doc) => {
      doc.text = "";
    });
    const empty = A.save(first);
    const load = (saved: Uint8Array, index: number) =>
      new AutomergeReplica(A, A.load<Content>(saved, actor(index + 1)));
    return {
      create: (index) => load(empty, index),
      load,
      typed(edits) {
        const replica = load(empty, 0);
        replica.editAll(edits);
        return replica;
      },
    };
  },
};

class AutomergeReplica implements Replica {
  readonly #automerge: typeof Automerge;
  #doc: Automerge.Doc<Content>;

  constructor(automerge: typeof Automerge, doc: Automerge.Doc<Content>) {
    this.#automerge = automerge;
    this.#doc = doc;
  }

  edit(position: number, deleted: number, inserted: string): void {
    this.editAll([[position, deleted, inserted]]);
  }

  editAll(edits: Iterable<readonly [number, number, string]>): void {
    this.#doc = this.#automerge.change(this.#doc, { time: 0 }, (doc) => {
      for (const [position, deleted, inserted] of edits) {
        this.#automerge.splice(doc, ["text"], position, deleted, inserted);
      }
    });
  }

  text(): string {
    return this.#doc.text;
  }

  takeUpdate(): Uint8Array {
    return this.#automerge.getLastLocalChange(this.#doc)!;
  }

  receive(update: Uint8Array): void {
    this.receiveAll([update]);
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    [this.#doc] = this.#automerge.applyChanges(this.#doc, [...updates]);
  }

  save(): Uint8Array {
    return this.#automerge.save(this.#doc);
  }

  saveForJoining(): Uint8Array {
    return this.save();
  }

  dispose(): void {
    this.#automerge.free(this.#doc);
  }
}
