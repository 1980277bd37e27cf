import { CrdtError } from "../errors.js";
import { isCount } from "../ids.js";

/** @throws {CrdtError} `OUT_OF_RANGE` unless `offset` is an integer in [0, length]. */
export function checkOffset(offset: number, length: number): void {
  if (!isCount(offset, length)) {
    throw new CrdtError("OUT_OF_RANGE", `offset ${offset} is not in [0, ${length}]`);
  }
}
