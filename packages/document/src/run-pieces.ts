import type { ItemId, TextRun } from "@motet/crdt-core";

/** What is true of some characters that follow each other: up to `to`, the last seq; beyond the run is well. */
export interface Kind {
  readonly to: number;
}

/** A part of a run of which something is true as a whole. */
export interface RunPiece<K extends Kind> {
  readonly id: ItemId;
  readonly text: string;
  readonly kind: K;
}

/**
 * Cuts a run into pieces of one kind each.
 * @param kindOf What is true of the character `id` and of those behind it. Asked once for each piece.
 */
export function* piecesOf<K extends Kind>(run: TextRun, kindOf: (id: ItemId) => K): Generator<RunPiece<K>> {
  const { replica, seq: first } = run.id;
  const end = first + run.length;
  for (let seq = first; seq < end; ) {
    const id = { replica, seq };
    const kind = kindOf(id);
    const next = Math.max(seq + 1, Math.min(end, kind.to + 1));
    yield { id, text: charactersOf(run, seq - first, next - first), kind };
    seq = next;
  }
}

/** The characters [from, to) of a run, counted as code points. */
function charactersOf({ text, length }: TextRun, from: number, to: number): string {
  if (from === 0 && to === length) return text;
  return text.length === length ? text.slice(from, to) : [...text].slice(from, to).join("");
}
