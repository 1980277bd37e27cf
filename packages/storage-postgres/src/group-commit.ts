import type { Appended, DocumentKey, EntryKey } from "@motet/document";

/** An entry on its way. */
export interface Append {
  readonly id: DocumentKey;
  readonly key: EntryKey;
  readonly bytes: Uint8Array;
  /** Names this call, so that it recognises its own work when it is made again. */
  readonly writer: string;
}

interface Waiting {
  readonly append: Append;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whatever is appended in one turn of the event loop, or while a commit is under way, goes into the next commit together. There is no
 * timer: a lone entry waits for nobody, and a thousand share one round trip and one sync.
 */
export class GroupCommit {
  readonly #commit: (appends: readonly Append[]) => Promise<readonly Appended[]>;
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** @param commit Answers in the order of what it is given. */
  constructor(commit: (appends: readonly Append[]) => Promise<readonly Appended[]>) {
    this.#commit = commit;
  }

  /** Resolves when the entry is durable. */
  add(append: Append): Promise<Appended> {
    const added = new Promise<Appended>((resolve, reject) => this.#waiting.push({ append, resolve, reject }));
    if (!this.#isRunning) {
      this.#isRunning = true;
      setImmediate(() => void this.#run());
    }
    return added;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      // By document: all servers take the locks of a batch in the same order, so that no two wait for each other.
      batch.sort((left, right) => compare(left.append.id, right.append.id));
      await this.#commit(batch.map(({ append }) => append)).then(
        (outcomes) => {
          for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index]!);
        },
        (error) => this.#giveUp(batch, error),
      );
    }
    this.#isRunning = false;
  }

  /** What waits was asked for in the belief that this had been done. */
  #giveUp(batch: readonly Waiting[], error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of [...batch, ...waiting]) reject(error);
  }
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
