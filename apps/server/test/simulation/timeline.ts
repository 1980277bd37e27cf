import { crc32 } from "node:zlib";

/** Something that will happen. */
interface Coming {
  readonly atMs: number;
  /** Of two at the same time, the one that was planned first comes first. */
  readonly nth: number;
  readonly run: () => void;
}

/** Lines of the log that are kept. */
const KEPT = 400;

/**
 * Simulated time: what is planned happens in order, each thing in a turn of its own, with everything that promises make of it, and time
 * passes only between turns. All that happens is in the log, whose checksum is the same for the same seed.
 */
export class Timeline {
  /** Errors that nobody caught, as text. */
  readonly uncaught: string[] = [];
  readonly #heap: Coming[] = [];
  readonly #log: string[] = [];
  #nowMs = 0;
  #planned = 0;
  #turns = 0;
  #checksum = 0;

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Of everything that was noted. */
  get checksum(): number {
    return this.#checksum;
  }

  /** How many things have happened. */
  get turns(): number {
    return this.#turns;
  }

  /** The last lines of the log. */
  get lastLines(): readonly string[] {
    return this.#log.slice(-KEPT);
  }

  /** Has `run` happen `delayMs` from now, at a whole millisecond. */
  plan(delayMs: number, run: () => void): void {
    const atMs = this.#nowMs + Math.max(0, Math.round(delayMs));
    insert(this.#heap, { atMs, nth: this.#planned++, run });
  }

  /** Writes a line into the log; `content` is not shown, but counts. */
  note(line: string, content: Uint8Array | string = ""): void {
    const sum = crc32(content, crc32(line, this.#checksum));
    this.#checksum = sum;
    this.#log.push(`${String(this.#nowMs).padStart(7)} ${line}`);
    if (this.#log.length > 2 * KEPT) this.#log.splice(0, KEPT);
  }

  /** Lets everything happen that is planned up to `untilMs`, or until `isOver` says so. Then it is that time. */
  async pass(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (let next = this.#heap[0]; next && next.atMs <= untilMs && !isOver(); next = this.#heap[0]) {
      take(this.#heap);
      this.#nowMs = next.atMs;
      await this.#turn(next.run);
    }
    if (!isOver()) this.#nowMs = untilMs;
  }

  async #turn(run: () => void): Promise<void> {
    this.#turns++;
    try {
      run();
    } catch (error) {
      this.uncaught.push(String((error as Error).stack));
    }
    await new Promise((resolve) => setImmediate(resolve)); // All promises go first.
  }
}

function insert(heap: Coming[], coming: Coming): void {
  let at = heap.push(coming) - 1;
  for (let parent = (at - 1) >> 1; at > 0 && isBefore(coming, heap[parent]!); parent = (at - 1) >> 1) {
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = coming;
}

function take(heap: Coming[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}

function isBefore(one: Coming, other: Coming): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.nth < other.nth);
}
