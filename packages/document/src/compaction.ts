import type { EntryInSteps } from "./document-entry.js";
import type { Covered, DocumentLog } from "./document-log.js";
import type { DocumentRecord } from "./document-record.js";
import type { DocumentLimits } from "./limits.js";

/** Somebody who waits for a log without the characters that they had trimmed. */
export interface Trimming {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What {@link Compaction} works with. */
export interface CompactionOptions {
  readonly record: DocumentRecord;
  readonly log: DocumentLog;
  readonly limits: DocumentLimits;
  /** Whether everything in memory is what the log says. */
  readonly isSettled: () => boolean;
  /** Reads the log anew, because another node has put it together. */
  readonly relearn: () => Promise<void>;
  /** Hears when the log is not being put together any more. */
  readonly over: () => void;
}

/** Everything that was in memory at some moment, and what it may take the place of. */
interface Picture {
  readonly whole: EntryInSteps;
  readonly covered: Covered;
}

/** When one document's log is put together, one at a time, and who waits for that. */
export class Compaction {
  readonly #options: CompactionOptions;
  /** Who waits for trimmed text to be gone from the store as well. */
  readonly #trimming: Trimming[] = [];
  /** Everything up to the sealed batch, read when it was sealed: ready to take the place of its entries once it is durable. */
  #captured: Picture | undefined;
  #running: Promise<void> | undefined;
  #isLeaving = false;
  #isOver = false;

  constructor(options: CompactionOptions) {
    this.#options = options;
  }

  /** Whether nothing is under way, and nobody waits. */
  get isQuiet(): boolean {
    return this.#running === undefined && this.#trimming.length === 0;
  }

  /** Resolves when the log is not being put together, or no more. */
  get finished(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Text was trimmed in memory; `waiting` hears when it is gone from the store. */
  trim(waiting: Trimming): void {
    this.#trimming.push(waiting);
    this.#captured = undefined; // It may hold what has just gone.
    this.look();
  }

  /** Nobody holds the document any more: a log that has grown is put together now, so that the next opener finds it short. */
  leave(): void {
    this.#isLeaving = true;
    this.look();
  }

  /** Somebody holds it again. */
  enter(): void {
    this.#isLeaving = false;
  }

  /** A batch is sealed. Under steady load there is never a quiet moment: when it is overdue, this is the one where memory is what the log will be. */
  sealed(): void {
    this.#captured = this.#isDue(OVERDUE) ? this.#picture() : undefined;
  }

  /** The sealed batch is durable, and told. */
  published(): void {
    if (this.#captured === undefined) this.look();
    else this.#start(this.#captured);
    this.#captured = undefined;
  }

  /** Starts if it is time. */
  look(): void {
    const isTime = this.#options.isSettled() && this.#isDue(this.#isLeaving ? ON_LEAVING : 1);
    if (isTime) this.#start(this.#picture());
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#captured = undefined;
    this.#isOver = true;
  }

  /** What is trimmed may be in the store for ever. */
  fail(error: unknown): void {
    this.stop();
    for (const one of this.#trimming.splice(0)) one.failed(error);
  }

  #isDue(factor: number): boolean {
    if (this.#running !== undefined || this.#isOver) return false;
    return this.#trimming.length > 0 || this.#options.log.isDue(this.#options.limits, factor);
  }

  #picture(): Picture {
    const { record, log } = this.#options;
    return { whole: record.inSteps(), covered: log.covered };
  }

  #start(picture: Picture): void {
    const trimmed = this.#trimming.splice(0);
    const settle = (tell: (one: Trimming) => void) => () => {
      this.#running = undefined;
      for (const one of trimmed) tell(one);
      if (this.#trimming.length > 0) this.look();
      this.#options.over();
    };
    this.#running = this.#compact(picture, trimmed.length > 0).then(
      settle((one) => one.done()),
      (error: unknown) => settle((one) => one.failed(error))(),
    );
  }

  async #compact({ whole, covered }: Picture, isTrimmed: boolean): Promise<void> {
    const { log, relearn } = this.#options;
    if (!isTrimmed && !(await log.mayCompact())) return;
    try {
      await log.compact(whole, covered, isTrimmed);
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === "FENCED") await relearn();
      throw error;
    }
  }
}

/** How many times the limits a log may grow while there is no quiet moment to put it together. */
const OVERDUE = 2;

/** The part of the limits that a log may have grown to when the last one leaves. */
const ON_LEAVING = 1 / 16;
