/**
 * Whether `value`, as `JSON.parse` made it, takes at most `bytesMax` bytes of UTF-8 as JSON without spaces, and has
 * no key `__proto__` at any depth, which a careless copy would take for the prototype.
 *
 * Cost: O(min(size, bytesMax)). Each level of nesting costs two bytes, so the budget bounds the recursion too.
 */
export function isSmallJson(value: unknown, bytesMax: number): boolean {
  return remaining(value, bytesMax) >= 0;
}

function remaining(value: unknown, budget: number): number {
  if (budget < 0 || typeof value !== "object" || value === null) return budget - scalarBytes(value);
  return Array.isArray(value) ? remainingOfArray(value, budget) : remainingOfObject(value, budget);
}

function remainingOfArray(array: readonly unknown[], budget: number): number {
  let left = budget - 2 - Math.max(0, array.length - 1);
  for (let i = 0; i < array.length && left >= 0; i++) left = remaining(array[i], left);
  return left;
}

function remainingOfObject(object: object, budget: number): number {
  let left = budget - 1;
  for (const [key, value] of Object.entries(object)) {
    if (key === "__proto__") return -1;
    left = remaining(value, left - scalarBytes(key) - 2);
    if (left < 0) return left;
  }
  return Math.min(left, budget - 2);
}

function scalarBytes(value: unknown): number {
  return utf8Length(JSON.stringify(value) ?? "");
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
