/**
 * Lets servers tell each other what is new over Redis: authenticated, by shard in a Redis Cluster, and open about what was lost.
 *
 * ```ts
 * const fanout = new RedisFanout({ url: "redis://cache.example.org", secret: process.env.MOTET_FANOUT_SECRET });
 * fanout.start(listener); // heard, lost, restored
 * ```
 * @packageDocumentation
 */
export { FanoutError, type FanoutErrorCode } from "./errors.js";
export { RedisFanout, type RedisFanoutOptions } from "./redis-fanout.js";
