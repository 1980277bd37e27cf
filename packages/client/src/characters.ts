/** Whether `at` would cut a surrogate pair. */
export function isInsideCharacter(text: string, at: number): boolean {
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

/** `at`, or the start of the character that it is inside of. */
export function startOfCharacter(text: string, at: number): number {
  return isInsideCharacter(text, at) ? at - 1 : at;
}

/** `text` without halves of surrogate pairs, which no document holds. */
export function wholeCharacters(text: string): string {
  return text.replace(/\p{Cs}/gu, "");
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Whether a UTF-16 unit is the second half of a character. */
export function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
