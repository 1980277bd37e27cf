/** Below this many characters a secret can be tried out. RFC 7518, section 3.2, asks for as many bytes with HS256. */
const LENGTH_MIN = 32;

/** Below this many different characters it is a keyboard's, not a generator's. */
const DIFFERENT_MIN = 8;

/** Words of examples and of those who meant to come back to it. */
const PLACEHOLDERS =
  /change.?me|example|placeholder|password|your.?secret|my.?secret|at-least-|replace.?(me|this)|0123456789abcdef0123|another-random/i;

/** Whether `text` looks as if it had been drawn for this purpose: long, varied, and from no example. */
export function isStrong(text: string): boolean {
  return text.length >= LENGTH_MIN && new Set(text).size >= DIFFERENT_MIN && !isPlaceholder(text);
}

/** Whether it stands in somebody's documentation, or says of itself that it was to be replaced. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.test(text);
}
