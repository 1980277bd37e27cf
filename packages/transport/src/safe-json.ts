const REFUSED = -1;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Whether a stranger's `value`, as `JSON.parse` made it, may be kept and passed on: at most `bytesMax` bytes of UTF-8
 * as JSON without spaces, no key `__proto__` at any depth (a careless copy would take it for the prototype), no half
 * surrogate pair, no number beyond the finite ones, as 1e999 is.
 *
 * Cost: O(min(size, bytesMax)). Each level of nesting costs two bytes, so the budget bounds the recursion too.
 */
export function isSafeJson(value: unknown, bytesMax: number): boolean {
  return remaining(value, bytesMax) >= 0;
}

function remaining(value: unknown, budget: number): number {
  if (budget < 0) return REFUSED;
  if (Array.isArray(value)) return remainingOfArray(value, budget);
  if (typeof value === "object" && value !== null) return remainingOfObject(value, budget);
  return isSafeScalar(value) ? budget - utf8Length(JSON.stringify(value)) : REFUSED;
}

function remainingOfArray(array: readonly unknown[], budget: number): number {
  let left = budget - 2 - Math.max(0, array.length - 1);
  for (let i = 0; i < array.length && left >= 0; i++) left = remaining(array[i], left);
  return left;
}

function remainingOfObject(object: object, budget: number): number {
  const entries = Object.entries(object);
  let left = budget - 2 - Math.max(0, entries.length - 1);
  for (const [key, value] of entries) {
    if (key === "__proto__") return REFUSED;
    left = remaining(value, remaining(key, left) - 1); // The colon.
    if (left < 0) return REFUSED;
  }
  return left;
}

function isSafeScalar(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "string" || !LONE_SURROGATE.test(value);
}

/** Bytes of `text` in UTF-8. A lone surrogate counts three, as its replacement character does. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) i++; // Two units, four bytes.
  }
  return bytes;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
