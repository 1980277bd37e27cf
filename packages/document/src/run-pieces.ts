import type { ItemId, TextRun } from "@motet/crdt-core";

/** A part of a run of which something is true as a whole. */
export interface RunPiece {
  readonly id: ItemId;
  readonly text: string;
}

/**
 * Cuts a run into pieces of one kind each.
 * @param endOf The last seq, from that of `id` on, up to which characters are of one kind; beyond the run is well.
 */
export function* piecesOf(run: TextRun, endOf: (id: ItemId) => number): Generator<RunPiece> {
  const { replica, seq: first } = run.id;
  const end = first + run.length;
  for (let seq = first; seq < end; ) {
    const id = { replica, seq };
    const next = Math.max(seq + 1, Math.min(end, endOf(id) + 1));
    yield { id, text: charactersOf(run, seq - first, next - first) };
    seq = next;
  }
}

/** The characters [from, to) of a run, counted as code points. */
function charactersOf({ text, length }: TextRun, from: number, to: number): string {
  return text.length === length ? text.slice(from, to) : [...text].slice(from, to).join("");
}
