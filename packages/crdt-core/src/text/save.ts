import { Picture } from "../codec/picture.js";
import { cutDead } from "../codec/state-cut.js";
import { writeState } from "../codec/state-encoder.js";
import { StateHeader } from "../codec/state-header.js";
import { TextCRDT } from "./text-crdt.js";

/** What a state is to hold. */
export interface StateOptions {
  /**
   * Leaves out the characters of deleted text, for a client that joins: it can do everything but read older versions. They stay
   * in where there are so many, in so few runs, that nobody would believe the rest. @default false
   */
  readonly withoutDeleted?: boolean;
}

/**
 * The whole document as an update in the order of the text, the visible text first: smaller than by id, and readable
 * at once (see `TextCRDT.load`). O(elements + runs), O(bytes) while a loaded text was only read.
 */
export function encodeState(text: TextCRDT, options?: StateOptions): Uint8Array {
  const slices = encodeStateInSlices(text, options);
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/**
 * `encodeState` of the text as it is now, in steps of about a millisecond: whoever asks for them decides when to go on,
 * and the text may be edited meanwhile. What is trimmed meanwhile may be in it or not.
 */
export function encodeStateInSlices(text: TextCRDT, options: StateOptions = {}): Generator<void, Uint8Array> {
  const withoutDeleted = options.withoutDeleted ?? false;
  const saved = TextCRDT.savedBytesOf(text);
  return saved
    ? copyOf(saved, withoutDeleted)
    : writeState(new Picture(TextCRDT.engineOf(text)), withoutDeleted);
}

/** The same bytes, or what is left of them without deleted text, in one step. */
// biome-ignore lint/correctness/useYield: There is nothing to wait for.
function* copyOf(bytes: Uint8Array, withoutDeleted: boolean): Generator<void, Uint8Array> {
  return withoutDeleted ? cutDead(bytes) : new Uint8Array(bytes); // `slice` of a Buffer would not be a copy.
}

/**
 * Everything, for whoever has nothing: a state as `encodeState` writes it, unless so much was trimmed that nobody may
 * take such a state from a stranger; then an update by id. Costs as `encodeState`.
 */
export function encodeWhole(text: TextCRDT, options?: StateOptions): Uint8Array {
  const state = encodeState(text, options);
  return new StateHeader(state).isProportionate ? state : text.encodeUpdate();
}
