import type { Doc } from "diamond-types-node";
import type { Replica, SharedTextLibrary } from "../library.js";
import { wideText } from "../replica-ids.js";

/** diamond-types (Rust, compiled to WASM). It counts code points; no trace holds a character beyond U+FFFF. */
export const diamondTypes: SharedTextLibrary = {
  kind: "shared",
  name: "diamond-types",
  packageName: "diamond-types-node",
  bundle: {
    // Its only build is for Node: the program loads its WASM with `fs`, which the bundle leaves out.
    program: 'export { Doc } from "diamond-types-node";',
    files: ["diamond-types-node/dt_bg.wasm"],
  },
  note: "diamond-types compresses the text in its file (LZ4); the file is also what a joining client needs. It draws no random ids: its agents get names as wide as ours.",
  async open() {
    const { Doc } = await import("diamond-types-node");
    return {
      create: (index, publishes) => new DiamondTypesReplica(new Doc(wideText(index)), publishes),
      load: (saved, index) => new DiamondTypesReplica(Doc.fromBytes(saved, wideText(index)), true),
    };
  },
};

class DiamondTypesReplica implements Replica {
  readonly #doc: Doc;
  readonly #publishes: boolean;
  #before: Uint32Array = new Uint32Array();

  constructor(doc: Doc, publishes: boolean) {
    this.#doc = doc;
    this.#publishes = publishes;
  }

  edit(position: number, deleted: number, inserted: string): void {
    if (this.#publishes) this.#before = this.#doc.getLocalVersion();
    if (deleted > 0) this.#doc.del(position, deleted);
    if (inserted !== "") this.#doc.ins(position, inserted);
  }

  text(): string {
    return this.#doc.get();
  }

  takeUpdate(): Uint8Array {
    return this.#doc.getPatchSince(this.#before);
  }

  receive(update: Uint8Array): void {
    this.#doc.mergeBytes(update);
  }

  receiveAll(updates: readonly Uint8Array[]): void {
    for (const update of updates) this.receive(update);
  }

  save(): Uint8Array {
    return this.#doc.toBytes();
  }

  saveForJoining(): Uint8Array {
    return this.save();
  }

  dispose(): void {
    this.#doc.free();
  }
}
