import { grown, type Ints } from "./columns.js";

/** A bit for each of many numbers, 32 in an int. */
export class Bits {
  words: Ints;
  /** For each word: how many bits are set before it. */
  #ranks: Ints | undefined;

  /** Bits for the numbers in [0, length), none of them set. */
  constructor(length: number) {
    this.words = new Int32Array(wordsFor(length));
  }

  /** Makes room for the numbers below `length`. */
  reserve(length: number): this {
    this.words = grown(this.words, wordsFor(length));
    return this;
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

  /** How many are set. O(length). */
  get count(): number {
    return this.words.reduce((sum, word) => sum + ones(word), 0);
  }

  /** How many below `at` are set. O(1), O(length) the first time: nothing may change from then on. */
  rank(at: number): number {
    let sum = 0;
    this.#ranks ??= this.words.map((word) => {
      sum += ones(word);
      return sum - ones(word);
    });
    return this.#ranks[at >> 5] + ones(this.words[at >> 5] & ((1 << at) - 1));
  }
}

/** Where the numbers end, at most at `end`, that follow `from` and are in both `a` and `b` as `from` is. Looks at 32 at once. */
export function endOfAlike(a: Bits, b: Bits, from: number, end: number): number {
  const [inA, inB] = [a.has(from) ? -1 : 0, b.has(from) ? -1 : 0];
  let mask = -1 << from;
  for (let at = from >> 5; at <= (end - 1) >> 5; at++) {
    const others = ((a.words[at] ^ inA) | (b.words[at] ^ inB)) & mask;
    if (others !== 0) return Math.min(end, at * 32 + 31 - Math.clz32(others & -others));
    mask = -1;
  }
  return end;
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
