/**
 * What the tests of all packages share: choices that a seed repeats, in any runtime. What reads pages is `@motet/testing/pages`.
 *
 * ```ts
 * it.each(seeds(50))("converges, seed %i", (seed) => {
 *   const chance = random(seed); // The same choices on every machine; SEED=7 plays that one alone.
 *   const letter = chance.pick(["a", "b", "c"]);
 * });
 * ```
 * @packageDocumentation
 */
export { blocksOfSeeds, type Random, random, seedOr, seeds } from "./random.js";
