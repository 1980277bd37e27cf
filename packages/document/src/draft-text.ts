import { CrdtError } from "@motet/crdt-core";
import { mustBeWellFormed } from "./kinds/well-formed.js";

/** A stretch of the text as it was, or something put in. */
type Piece = { readonly from: number; readonly to: number } | { readonly text: string };

/**
 * A text as it would be after some edits, kept as pieces of what it was: enough to see whether the next edit fits, without touching
 * the document. Cost of an edit: O(edits before it).
 */
export class DraftText {
  readonly #before: string;
  #pieces: Piece[];

  constructor(before: string) {
    this.#before = before;
    this.#pieces = [{ from: 0, to: before.length }];
  }

  /** @throws {CrdtError} `OUT_OF_RANGE`. @throws {DocumentError} `MALFORMED` for no text. */
  insert(position: number, text: string): void {
    mustBeWellFormed("text", text, 1, Number.POSITIVE_INFINITY);
    this.#pieces.splice(this.#cut(position), 0, { text });
  }

  /** @throws {CrdtError} `OUT_OF_RANGE`. */
  delete(position: number, length: number): void {
    if (!Number.isSafeInteger(length) || length < 1) throw outOfRange();
    const end = this.#cut(position + length);
    const before = this.#pieces.length;
    const start = this.#cut(position);
    this.#pieces.splice(start, end + (this.#pieces.length - before) - start);
  }

  /** Makes `position` a border between two pieces, and says before which of them it lies. */
  #cut(position: number): number {
    if (!Number.isSafeInteger(position) || position < 0) throw outOfRange();
    let left = position;
    for (const [at, piece] of this.#pieces.entries()) {
      const length = lengthOf(piece);
      if (left === 0) return at;
      if (left < length) {
        this.#mustBeWhole(piece, left);
        this.#pieces.splice(at, 1, ...halves(piece, left));
        return at + 1;
      }
      left -= length;
    }
    if (left > 0) throw outOfRange();
    return this.#pieces.length;
  }

  #mustBeWhole(piece: Piece, at: number): void {
    const [text, offset] = "text" in piece ? [piece.text, at] : [this.#before, piece.from + at];
    if (text.codePointAt(offset - 1)! > 0xffff) throw outOfRange();
  }
}

function lengthOf(piece: Piece): number {
  return "text" in piece ? piece.text.length : piece.to - piece.from;
}

function halves(piece: Piece, at: number): readonly [Piece, Piece] {
  if ("text" in piece) return [{ text: piece.text.slice(0, at) }, { text: piece.text.slice(at) }];
  const { from, to } = piece;
  return [
    { from, to: from + at },
    { from: from + at, to },
  ];
}

function outOfRange(): CrdtError {
  return new CrdtError("OUT_OF_RANGE", "a position that is not in the text, or inside a character");
}
