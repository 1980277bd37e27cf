/** Seeded random numbers: the same seed draws the same numbers on every machine. */
export interface Random {
  /** An integer in [0, limit). */
  int(limit: number): number;
}

/** A generator for texts and orders of delivery; not for secrets. Source: Tommy Ettinger, Mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  return { int: (limit) => Math.floor((next() / 0x1_0000_0000) * limit) };
}
