import { ServerError } from "./errors.js";

/** A large answer on its way to somebody. */
export interface Answer {
  /** Whose it is, among the users of all tenants. */
  readonly user: string;
  /** What is kept until they have read it: the same for all who are sent one and the same. */
  readonly kept: object;
  /** How large that is. */
  readonly bytes: number;
  /** Ends their connection at once, and with it what is kept for it. */
  readonly cut: () => void;
}

/**
 * Whole documents on their way to readers, who may take their time, or never read. All of them together keep `bytesMax` at most, or a single
 * one that is larger: who has half of that unread is told to wait with what they ask for next; and where several have, whoever has the most is cut
 * off, the oldest first. So nobody fills the memory, and nobody keeps others out.
 */
export class Unread {
  readonly #bytesMax: number;
  /** By their connections, the oldest first. */
  readonly #answers = new Map<object, Answer>();
  /** Bytes that each user has to read. */
  readonly #ofUsers = new Map<string, number>();
  /** How many are sent what is kept. */
  readonly #readers = new Map<object, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {ServerError} `TOO_BUSY` when `user` has half of what may be kept for everybody. */
  mustHaveRoom(user: string): void {
    if ((this.#ofUsers.get(user) ?? 0) < this.#bytesMax / 2) return;
    throw new ServerError("TOO_BUSY", "read first what was sent before");
  }

  /** An answer is on its way over `connection`, which has no other. Cost: O(answers) where something has to go. */
  add(connection: object, answer: Answer): void {
    this.#answers.set(connection, answer);
    this.#count(answer, 1);
    while (this.#answers.size > 1 && this.#bytes > this.#bytesMax) this.#cutOldestOf(this.#greediest());
  }

  /** It was read, or the connection is gone. */
  remove(connection: object): void {
    const answer = this.#answers.get(connection);
    if (answer === undefined) return;
    this.#answers.delete(connection);
    this.#count(answer, -1);
  }

  #count({ user, kept, bytes }: Answer, step: 1 | -1): void {
    add(this.#ofUsers, user, step * bytes);
    const readers = add(this.#readers, kept, step);
    if (readers === 0 || readers === step) this.#bytes += step * bytes;
  }

  #cutOldestOf(user: string): void {
    for (const [connection, answer] of this.#answers) {
      if (answer.user !== user) continue;
      this.remove(connection);
      answer.cut();
      return;
    }
  }

  /** Who has the most to read; there is somebody. */
  #greediest(): string {
    const [[user]] = [...this.#ofUsers].sort(([, left], [, right]) => right - left) as [[string, number]];
    return user;
  }
}

/** Adds to what is counted under `key`, and lets go of what comes to nothing. */
function add<Key>(counts: Map<Key, number>, key: Key, amount: number): number {
  const count = (counts.get(key) ?? 0) + amount;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count;
}
