import type { UserId } from "./ids.js";

/** The highest message number that was accepted from one client of one user. */
export interface AcceptedMessage {
  readonly user: UserId;
  /** The name that the client gave itself; it means something only together with the user. */
  readonly client: string;
  /** An integer of at least 1; rises with each message of that client. */
  readonly id: number;
}

/**
 * Which messages were accepted, so that one sent again is not applied again. Holds the clients heard last, `max` of them;
 * a client that comes back after more others than that have written is new.
 */
export class AcceptedMessages implements Iterable<AcceptedMessage> {
  readonly #highest = new Map<string, AcceptedMessage>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** The highest accepted message number of that client; 0 when there is none. */
  highest(user: UserId, client: string): number {
    return this.#highest.get(keyOf(user, client))?.id ?? 0;
  }

  /** Notes a message. A number below the highest changes nothing. */
  accept(message: AcceptedMessage): void {
    const key = keyOf(message.user, message.client);
    if (message.id <= (this.#highest.get(key)?.id ?? 0)) return;
    this.#highest.delete(key); // Back to the end of the line: a Map keeps the order of insertion.
    this.#highest.set(key, message);
    if (this.#highest.size > this.#max) this.#highest.delete(this.#highest.keys().next().value!);
  }

  /** From the client that was silent longest to the one heard last. */
  [Symbol.iterator](): IterableIterator<AcceptedMessage> {
    return this.#highest.values();
  }
}

// A user id holds no slash, so two pairs never share a key, whatever the client calls itself.
function keyOf(user: UserId, client: string): string {
  return `${user}/${client}`;
}
