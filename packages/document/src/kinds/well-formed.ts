import * as v from "valibot";
import { DocumentError } from "../errors.js";

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A string of whole characters, `min` to `max` UTF-16 code units long, as a schema for strangers' messages. */
export function wellFormedString(min: number, max: number) {
  return v.pipe(
    v.string(),
    v.minLength(min),
    v.maxLength(max),
    v.check((text) => !LONE_SURROGATE.test(text), "half of a surrogate pair"),
  );
}

/**
 * The same as a check, for callers and bytes.
 * @throws {DocumentError} `MALFORMED` when `text` is no such string; `what` names it.
 */
export function mustBeWellFormed(what: string, text: unknown, min: number, max: number): void {
  const fits = typeof text === "string" && text.length >= min && text.length <= max;
  if (!fits || LONE_SURROGATE.test(text)) {
    throw new DocumentError("MALFORMED", `a ${what} is ${min} to ${max} UTF-16 units of whole characters`);
  }
}
