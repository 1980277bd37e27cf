import type { VersionVector } from "../version-vector.js";
import { marksOf, refuseUnknown } from "./history.js";
import { TextCRDT } from "./text-crdt.js";

/**
 * Forgets the characters of everything that was inserted and deleted within `version`. Their ids, their order and that
 * they are deleted stay, so whoever was away meanwhile merges all the same. What needs them from now on
 * (an older `textAt`, a `diff`) throws `TRIMMED`; a merge with who still holds them fills them in, see `TextOptions`.
 * O(elements). @returns how many characters were forgotten.
 * @throws {CrdtError} `UNKNOWN_ID` when it names operations that are not here.
 */
export function forgetBefore(text: TextCRDT, version: VersionVector): number {
  const sequence = TextCRDT.engineOf(text);
  refuseUnknown(sequence, version);
  const { inserted, deleted } = marksOf(sequence, { version });
  let forgotten = 0;
  for (let element = 0; element < sequence.log.elements; element++) {
    if (inserted.has(element) && deleted.has(element) && sequence.characters.forget(element)) forgotten++;
  }
  return forgotten;
}
