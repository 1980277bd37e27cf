import type { EditableText, PlainTextLibrary } from "../library.js";

/** The oldest structure for an editor's text: what a local edit costs without any CRDT. */
export const gapBuffer: PlainTextLibrary = {
  kind: "plain",
  name: "gap-buffer",
  packageName: "@motet/bench",
  bundle: { program: "" },
  open: async () => () => new GapBuffer(),
};

/** UTF-16 code units with a gap where the last edit was. An edit elsewhere first moves the gap there. */
export class GapBuffer implements EditableText {
  #units = new Uint16Array(64);
  #gapStart = 0;
  #gapEnd = 64;

  edit(position: number, deleted: number, inserted: string): void {
    this.#moveGap(position);
    this.#gapEnd += deleted;
    if (inserted.length > this.#gapEnd - this.#gapStart) this.#grow(inserted.length);
    for (let index = 0; index < inserted.length; index++) {
      this.#units[this.#gapStart++] = inserted.charCodeAt(index);
    }
  }

  text(): string {
    this.#moveGap(this.#units.length - (this.#gapEnd - this.#gapStart));
    return new TextDecoder("utf-16le").decode(this.#units.subarray(0, this.#gapStart));
  }

  #moveGap(position: number): void {
    const distance = position - this.#gapStart;
    if (distance < 0) this.#units.copyWithin(this.#gapEnd + distance, position, this.#gapStart);
    else this.#units.copyWithin(this.#gapStart, this.#gapEnd, this.#gapEnd + distance);
    this.#gapStart += distance;
    this.#gapEnd += distance;
  }

  #grow(needed: number): void {
    const after = this.#units.subarray(this.#gapEnd);
    const larger = new Uint16Array((this.#units.length + needed) * 2);
    larger.set(this.#units.subarray(0, this.#gapStart));
    larger.set(after, larger.length - after.length);
    this.#gapEnd = larger.length - after.length;
    this.#units = larger;
  }
}
