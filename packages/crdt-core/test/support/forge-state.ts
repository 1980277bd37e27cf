import { STATE } from "../../src/codec/layout.js";
import { writeNames } from "../../src/codec/replica-names.js";
import { replicaId, Writer } from "../../src/index.js";

/** What a state says, column by column: see state-format. */
export interface ForgedState {
  /** The visible text; nothing without it. */
  readonly text?: string;
  readonly elements: number;
  readonly names?: readonly string[];
  /** The last seq, the rows of inserts and those of deletes of each replica. */
  readonly tallies: readonly (readonly [number, number, number])[];
  /** Whose rows follow, and how many. Without it: all rows, of one replica. */
  readonly segments?: readonly (readonly [number, number])[];
  readonly heads: readonly number[];
  readonly references?: readonly number[];
  /** Numbers as they stand there. */
  readonly exceptions?: readonly (readonly number[])[];
  /** So many deleted characters known, so many left out, and so on. */
  readonly dead?: readonly number[];
  readonly deadText?: string;
}

/** A state that says whatever one wants it to say, honest or not. */
export function forgeState(state: ForgedState): Uint8Array {
  const {
    text = "",
    names = ["eve"],
    heads,
    references = [],
    exceptions = [],
    dead = [0],
    deadText = "",
  } = state;
  const segments = state.segments ?? [[0, heads.length]];
  const out = new Writer().u8(STATE).varint(text.length).nested(pointsOf(text)).varint(state.elements);
  writeNames(out, names.map(replicaId));
  writeAll(out, state.tallies.flat());
  writeAll(out.varint(segments.length), segments.flat());
  out.nested(writeAll(new Writer(), heads)).nested(writeAll(new Writer(), references));
  writeAll(out.varint(exceptions.length), exceptions.flat());
  return writeAll(out, dead).nested(pointsOf(deadText)).finish();
}

/** The head of a row. */
export function head(kind: number, length: number): number {
  return length * 8 + kind;
}

function writeAll(out: Writer, numbers: readonly number[]): Writer {
  for (const number of numbers) out.varint(number);
  return out;
}

function pointsOf(text: string): Writer {
  const out = new Writer();
  for (const character of text) out.point(character.codePointAt(0)!);
  return out;
}
