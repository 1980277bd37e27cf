import { StateHeader } from "../codec/state-decoder.js";
import { writeState } from "../codec/state-encoder.js";
import { TextCRDT } from "./text-crdt.js";

/**
 * The whole document as an update in the order of the text, the visible text first: smaller than by id, and readable
 * at once (see `TextCRDT.load`). `withoutDeleted` leaves out the characters of deleted text, for a client that joins: it can
 * do everything but read older versions, and is sent the characters whenever it is sent the whole.
 * O(elements + runs), O(bytes) while a loaded text was only read.
 */
export function encodeState(text: TextCRDT, options: { readonly withoutDeleted?: boolean } = {}): Uint8Array {
  const withoutDeleted = options.withoutDeleted ?? false;
  const saved = withoutDeleted ? undefined : TextCRDT.savedBytesOf(text);
  return saved?.slice() ?? writeState(TextCRDT.engineOf(text), withoutDeleted);
}

/**
 * Everything, for whoever has nothing: a state as `encodeState` writes it, unless so much was trimmed that nobody may
 * take such a state from a stranger; then an update by id. Costs as `encodeState`.
 */
export function encodeWhole(text: TextCRDT): Uint8Array {
  const state = encodeState(text);
  return new StateHeader(state).isProportionate ? state : text.encodeUpdate();
}
