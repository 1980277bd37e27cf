import type { Operation } from "@motet/document";
import type { AckMessage, ChangesMessage, ServerMessage, StateMessage } from "@motet/transport";

type Streamed = AckMessage<Operation> | ChangesMessage<Operation>;

/** An operation as a client sends it. */
export type Made = Operation & { readonly id: number; readonly version: number };

/**
 * What a simple client of the JSON protocol shows: no CRDT and no transformation of positions. It keeps the stream of
 * acks and changes in order and its own messages that the stream has not yet told of; what it shows is the
 * text at its `version`, and its own pending messages on top. While it has messages pending, it takes in no
 * others' changes; they wait in the inbox, and come in with the acks.
 */
export class JsonView {
  state: StateMessage | undefined;
  /** How far it has taken the stream in. */
  version = 0;
  /** How far it has received the stream. */
  receivedVersion = 0;
  title = "";
  /** The version that each own message made, by its id. */
  readonly acked = new Map<number, number>();
  readonly counters = new Map<string, number>();
  #taken = "";
  #lastId = 0;
  #pending: { id: number; operation: Operation }[] = [];
  #inbox: Streamed[] = [];
  #inboxStart = 0;
  /** Others' changes were taken in under pending messages: what it shows is then known to the server alone. */
  #mixed = false;

  /** What it shows. */
  get text(): string {
    if (this.#mixed)
      throw new Error("a client without a CRDT cannot show this view until its messages are acked");
    return this.#pending.reduce((text, { operation }) => edited(text, operation), this.#taken);
  }

  /** Own messages that the stream it has taken in does not tell of yet. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Own messages since the client joined for the first time. */
  get lastId(): number {
    return this.#lastId;
  }

  /** An operation of its own, to be sent as it is returned; under an `id` of before, if it was sent before and not accepted. */
  make(operation: Operation, id: number = this.#lastId + 1): Made {
    this.#lastId = Math.max(this.#lastId, id);
    this.#pending.push({ id, operation });
    return { ...operation, id, version: this.version };
  }

  /** Begins, or begins anew on another line: what was pending is not shown any more. */
  begin(state: StateMessage): void {
    this.state = state;
    this.version = state.version;
    this.receivedVersion = state.version;
    this.#taken = state.text;
    this.title = state.title;
    this.#lastId = Math.max(this.#lastId, state.session.last_id);
    this.counters.clear();
    for (const [name, value] of Object.entries(state.counters)) this.counters.set(name, value);
    [this.#pending, this.#inbox, this.#inboxStart, this.#mixed] = [[], [], 0, false];
  }

  /** A message has come; only those of the stream mean anything here. */
  hear(message: ServerMessage<Operation>): void {
    if (message.type === "ack" && message.id !== undefined) this.acked.set(message.id, message.version);
    if (message.type === "ack" && message.duplicate) {
      this.#pending = this.#pending.filter(({ id }) => id !== message.id);
    } else if (message.type === "changes" || message.type === "ack") {
      this.#inbox.push(message);
      this.receivedVersion = message.version;
    }
  }

  /** Everything that has arrived comes in, if every pending message is acked among it; else nothing does. */
  takeIn(): void {
    const last = this.#pending.at(-1);
    if (last === undefined || this.acked.has(last.id)) this.#take(() => true);
  }

  /** Takes others' changes in up to `version` of the stream and no further, whatever of its own is pending. */
  takeInTo(version: number): void {
    this.#take((next) => next.type === "ack" || next.version <= version);
  }

  #take(wanted: (next: Streamed) => boolean): void {
    for (
      let next = this.#inbox[this.#inboxStart];
      next && wanted(next);
      next = this.#inbox[this.#inboxStart]
    ) {
      this.#inboxStart++;
      this.#apply(next);
    }
    if (this.#inboxStart === this.#inbox.length) [this.#inbox, this.#inboxStart] = [[], 0];
  }

  #apply(next: Streamed): void {
    this.version = next.version;
    for (const change of next.changes) this.#change(change);
    if (next.type === "ack") this.#pending = this.#pending.filter(({ id }) => id !== next.id);
    this.#mixed = this.#pending.length > 0 && (this.#mixed || next.type === "changes");
  }

  #change(change: Operation): void {
    this.#taken = edited(this.#taken, change);
    if (change.type === "set_title") this.title = change.title;
    if (change.type === "increment_counter")
      this.counters.set(change.counter, (this.counters.get(change.counter) ?? 0) + change.amount);
  }
}

function edited(text: string, change: Operation): string {
  if (change.type === "insert")
    return text.slice(0, change.position) + change.text + text.slice(change.position);
  if (change.type === "delete")
    return text.slice(0, change.position) + text.slice(change.position + change.length);
  return text;
}
