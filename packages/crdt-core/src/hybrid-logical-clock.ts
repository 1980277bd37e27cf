import { CrdtError, malformed } from "./errors.js";
import { isCount } from "./ids.js";

/**
 * A moment that respects both the wall clock and cause and effect. `wallMs` is an integer in [0, 2^53 - 1],
 * milliseconds since 1970; `counter` an integer in [0, 65535] that orders the events of one millisecond.
 */
export interface Timestamp {
  readonly wallMs: number;
  readonly counter: number;
}

/** How far ahead of our own clock a stamp may be, in milliseconds, before it is refused. */
const CLOCK_AHEAD_MS_MAX = 500;

/** The highest counter. The next event carries into `wallMs`, so the order survives a flood in one millisecond. */
const COUNTER_MAX = 0xffff;

/** Negative, zero or positive, as the first stamp is before, the same as, or after the second. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.wallMs - b.wallMs || a.counter - b.counter;
}

/**
 * The stamp that `value` is, copied: stamps come from the network.
 * @throws {CrdtError} `MALFORMED` when either number is not an integer in its range.
 */
export function timestamp(value: Timestamp): Timestamp {
  const { wallMs, counter } = value;
  if (!isCount(wallMs) || !isCount(counter, COUNTER_MAX)) {
    throw malformed("not a timestamp");
  }
  return { wallMs, counter };
}

/**
 * Issues stamps that rise whatever the wall clock does, and never lets a peer push it far ahead. It reads no clock:
 * the time is a parameter, in milliseconds since 1970.
 * @see Kulkarni, Demirbas et al. 2014, "Logical Physical Clocks and Consistent Snapshots in Globally Distributed Databases"
 */
export class HybridLogicalClock {
  #last: Timestamp;

  /** @param last The highest stamp issued before a restart: nothing at or below it is issued again. */
  constructor(last: Timestamp = { wallMs: 0, counter: 0 }) {
    this.#last = timestamp(last);
  }

  /** The highest stamp issued or received. Keep it over a restart. */
  get last(): Timestamp {
    return this.#last;
  }

  /**
   * The stamp of a local event, higher than every stamp issued or received before.
   * @throws {CrdtError} `OUT_OF_RANGE` when `nowMs` is no time, or no higher stamp exists.
   */
  now(nowMs: number): Timestamp {
    return this.#goBeyond(this.#last, wholeMs(nowMs));
  }

  /**
   * Takes in a peer's stamp, so that later stamps of ours are higher.
   * @throws {CrdtError} `CLOCK_AHEAD` when it is more than 500 ms ahead of `nowMs`, `MALFORMED` when it is no stamp.
   * The clock is then unchanged.
   */
  receive(stamp: Timestamp, nowMs: number): void {
    const theirs = timestamp(stamp);
    const now = wholeMs(nowMs);
    if (theirs.wallMs > now + CLOCK_AHEAD_MS_MAX) {
      throw new CrdtError("CLOCK_AHEAD", `a stamp more than ${CLOCK_AHEAD_MS_MAX} ms ahead of this clock`);
    }
    this.#goBeyond(theirs, now);
  }

  /** Goes to the lowest stamp above the last one and `other` that is not before `nowMs`. */
  #goBeyond(other: Timestamp, nowMs: number): Timestamp {
    const wallMs = Math.max(this.#last.wallMs, other.wallMs, nowMs);
    const counters = [this.#last, other].map((stamp) => (stamp.wallMs === wallMs ? stamp.counter + 1 : 0));
    this.#last = carried(wallMs, Math.max(...counters));
    return this.#last;
  }
}

function carried(wallMs: number, counter: number): Timestamp {
  if (counter <= COUNTER_MAX) return { wallMs, counter };
  if (wallMs === Number.MAX_SAFE_INTEGER)
    throw new CrdtError("OUT_OF_RANGE", "the clock has no higher stamp");
  return { wallMs: wallMs + 1, counter: 0 };
}

function wholeMs(nowMs: number): number {
  const whole = Math.floor(nowMs);
  if (!isCount(whole)) throw new CrdtError("OUT_OF_RANGE", "not a time in milliseconds");
  return whole;
}
