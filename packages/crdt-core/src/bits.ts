import { grown, type Ints } from "./columns.js";

/** A bit for each of many numbers, 32 in an int. */
export class Bits {
  words: Ints;

  /** Bits for the numbers in [0, length), none of them set. */
  constructor(length: number) {
    this.words = new Int32Array(wordsFor(length));
  }

  /** Makes room for the numbers below `length`. */
  reserve(length: number): void {
    this.words = grown(this.words, wordsFor(length));
  }

  has(at: number): boolean {
    return (this.words[at >> 5] & (1 << at)) !== 0;
  }

  set(at: number): void {
    this.words[at >> 5] |= 1 << at;
  }

  clear(at: number): void {
    this.words[at >> 5] &= ~(1 << at);
  }

  /** Sets the bits in [from, to), which are at least one. */
  fill(from: number, to: number): void {
    const { words } = this;
    const last = (to - 1) >> 5;
    let mask = -1 << from;
    for (let at = from >> 5; at < last; at++) {
      words[at] |= mask;
      mask = -1;
    }
    words[last] |= mask & (-1 >>> -to);
  }

  /** Whether a bit in [from, to) is set. */
  hasAny(from: number, to: number): boolean {
    return from < to && endOfAlike(this, this, from, to, 0) < to;
  }

  /** How many are set. O(length). */
  get count(): number {
    return this.words.reduce((sum, word) => sum + ones(word), 0);
  }
}

/**
 * Where a stretch ends that begins at `from`: at the first number in it that is set in `stops`, or is not in `bits` what `like` says,
 * 0 for clear and -1 for set; at most `end`. Looks at 32 at once.
 */
export function endOfAlike(bits: Bits, stops: Bits, from: number, end: number, like: 0 | -1): number {
  const [words, others] = [bits.words, stops.words];
  let mask = -1 << from;
  for (let at = from >> 5; at <= (end - 1) >> 5; at++) {
    const found = ((words[at] ^ like) | others[at]) & mask;
    if (found !== 0) return Math.min(end, at * 32 + 31 - Math.clz32(found & -found));
    mask = -1;
  }
  return end;
}

/** Tells how many numbers below another are set. O(1), after O(length). What is set later does not count. */
export class Ranks {
  readonly #words: Ints;
  readonly #before: Ints;
  /** How many are set in all. */
  readonly total: number;

  constructor({ words }: Bits) {
    this.#words = words;
    this.#before = new Int32Array(words.length);
    let sum = 0;
    for (let at = 0; at < words.length; at++) {
      this.#before[at] = sum;
      sum += ones(words[at]);
    }
    this.total = sum;
  }

  rank(at: number): number {
    return this.#before[at >> 5] + ones(this.#words[at >> 5] & ((1 << at) - 1));
  }
}

function wordsFor(length: number): number {
  return (length + 31) >>> 5;
}

/** How many bits of a word are set: in pairs first, then in fours, in eights, and all at once. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
