import { CrdtError } from "../errors.js";
import { missingMax } from "../log/operation-log.js";
import type { VersionVector } from "../version-vector.js";
import { DELETED, INSERTED, marksOf, refuseUnknown } from "./history.js";
import type { Sequence } from "./sequence.js";
import { TextCRDT } from "./text-crdt.js";

/**
 * Forgets the characters of everything that was inserted and deleted within `version`. Their ids, their order and that
 * they are deleted stay, so whoever was away meanwhile merges all the same. What needs them from now on
 * (an older `textAt`, a `diff`) throws `TRIMMED`; a merge with who still holds them fills them in, see `TextOptions`.
 * O(elements). @returns how many characters were forgotten.
 * @throws {CrdtError} `UNKNOWN_ID` when it names operations that are not here; `LIMIT` when text would go that came and went in
 * long stretches, beyond some 8,000 characters in all: nobody who was away may take so much from a stranger unread.
 */
export function forgetBefore(text: TextCRDT, version: VersionVector): number {
  const sequence = TextCRDT.engineOf(text);
  refuseUnknown(sequence, version);
  const marks = marksOf(sequence, { version });
  refuseUntold(sequence, marks);
  let forgotten = 0;
  for (let element = 0; element < marks.length; element++) {
    if (marks[element] === (INSERTED | DELETED) && sequence.characters.forget(element)) forgotten++;
  }
  return forgotten;
}

/**
 * What one run costs at least in any update, in bytes: its insertion and its deletion. Readers take so many elements
 * without characters for each byte, and some more in all (`missingMax`), whichever part of the history they lack.
 */
const RUN_BYTES = 5;

function refuseUntold({ characters }: Sequence, marks: Uint8Array): void {
  const free = missingMax(RUN_BYTES) - missingMax(0);
  let [run, beyond] = [0, 0];
  for (let element = 0; element < marks.length; element++) {
    run = marks[element] === (INSERTED | DELETED) || characters.isMissing(element) ? run + 1 : 0;
    if (run > free) beyond++;
  }
  if (beyond > missingMax(0)) throw new CrdtError("LIMIT", "too many to forget");
}
