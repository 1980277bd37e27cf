/** Everything that is measured, in the order of the tables. A new peer is a file in `libraries/` and a line here. */
import { automerge } from "./libraries/automerge.js";
import { codemirrorText } from "./libraries/codemirror-text.js";
import { diamondTypes } from "./libraries/diamond-types.js";
import { gapBuffer } from "./libraries/gap-buffer.js";
import { jsonJoy } from "./libraries/json-joy.js";
import { loro } from "./libraries/loro.js";
import { motet } from "./libraries/motet.js";
import { yjs } from "./libraries/yjs.js";
import { ywasm } from "./libraries/ywasm.js";
import type { Library } from "./library.js";

export const LIBRARIES: readonly Library[] = [
  motet,
  jsonJoy,
  diamondTypes,
  yjs,
  loro,
  automerge,
  ywasm,
  gapBuffer,
  codemirrorText,
];

/**
 * The library with this name.
 * @throws {RangeError} if there is none; the message lists the names.
 */
export function libraryNamed(name: string): Library {
  const found = LIBRARIES.find((library) => library.name === name);
  if (found === undefined) {
    throw new RangeError(`no library "${name}"; there are ${LIBRARIES.map((each) => each.name).join(", ")}`);
  }
  return found;
}
