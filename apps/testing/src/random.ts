/** A source of choices that a seed repeats: the same seed, the same choices, on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  int(below: number): number;
  /** True once in `times`, on average. */
  once(times: number): boolean;
  /** One of `items`, of which there is one at least. */
  pick<T>(items: readonly T[]): T;
  /** `items` in another order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** 32 bits of state are plenty for a test, and are no secret. @see Marsaglia 2003, "Xorshift RNGs". */
export function random(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const bits = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let warmUp = 0; warmUp < 8; warmUp++) bits();
  const int = (below: number) => bits() % below;
  const shuffled = <T>(items: readonly T[]) => {
    const rest = [...items];
    return items.map(() => rest.splice(int(rest.length), 1)[0]!);
  };
  return {
    next: () => bits() / 2 ** 32,
    int,
    once: (times) => int(times) === 0,
    pick: (items) => items[int(items.length)]!,
    shuffled,
  };
}

/** The seed of a test that plays one: `SEED=` in the environment replays a failure. */
export function seedOr(fallback: number): number {
  return Number(process.env["SEED"] ?? fallback);
}

/** The seeds of a test that plays many: `count` of them from `from` on, or the one that `SEED=` names. */
export function seeds(count: number, from = 1): number[] {
  const { SEED: only } = process.env;
  return only === undefined ? Array.from({ length: count }, (_, at) => at + from) : [Number(only)];
}

/** The seeds 1 to `count` in blocks of at most 100, as `[first, last]`; `FROM=` begins elsewhere, `SEED=` plays that one alone. */
export function blocksOfSeeds(count: number): [first: number, last: number][] {
  const { SEED: only, FROM = "1" } = process.env;
  if (only !== undefined) return [[Number(only), Number(only)]];
  const [from, end] = [Number(FROM), Number(FROM) + count];
  const blocks: [number, number][] = [];
  for (let first = from; first < end; first += 100) blocks.push([first, Math.min(first + 99, end - 1)]);
  return blocks;
}
