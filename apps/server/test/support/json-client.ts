import type { Operation } from "@motet/document";
import type { AckMessage, ChangesMessage, ErrorMessage, ServerMessage, StateMessage } from "@motet/transport";
import { TestLine } from "./test-line.js";

type Edit = Extract<Operation, { type: "insert" | "delete" }>;
type Streamed = AckMessage<Operation> | ChangesMessage<Operation>;

/** What a client says when it joins; all but the address have defaults. */
export interface Joining {
  readonly document?: string;
  readonly user?: string;
  readonly client?: string;
  readonly name?: string;
  readonly token?: string;
}

/**
 * The simple client of the JSON protocol: no CRDT and no transformation of positions. It keeps the stream of
 * acks and changes in order and its own messages that the stream has not yet told of; what it shows is the
 * text at its `version`, and its own pending messages on top. While it has messages pending, it takes in no
 * others' changes; they wait in the inbox, and come in with the acks.
 */
export class JsonClient extends TestLine {
  readonly #document: string;
  readonly user: string;
  /** Everything received, oldest first. */
  readonly received: ServerMessage<Operation>[] = [];
  state: StateMessage | undefined;
  /** How far it has taken the stream in. */
  version = 0;
  /** How often the server has asked for a sign of life. */
  pings = 0;
  /** How far it has received the stream. */
  receivedVersion = 0;
  title = "";
  /** The version that each own message made, by its id. */
  readonly acked = new Map<number, number>();
  readonly counters = new Map<string, number>();
  #taken = "";
  #lastId = 0;
  #pending: { id: number; edit: Edit }[] = [];
  #inbox: Streamed[] = [];
  #inboxStart = 0;
  #othersReceived = 0;
  /** Others' changes were taken in under pending messages: what it shows is then known to the server alone. */
  #mixed = false;

  private constructor(server: string, document: string, user: string) {
    super(server, document);
    this.#document = document;
    this.user = user;
    this.socket.on("ping", () => {
      this.pings++;
      this.wake();
    });
    this.socket.on("message", (data) => this.#receive(JSON.parse(String(data)) as ServerMessage<Operation>));
  }

  /** Connects and says nothing yet. */
  static async connect(
    server: string,
    { document = "page", user = "ann" }: Joining = {},
  ): Promise<JsonClient> {
    const client = new JsonClient(server, document, user);
    await client.until(() => client.isOpen);
    return client;
  }

  /** Connects, joins, and resolves once the document's state is here. */
  static async join(server: string, joining: Joining = {}): Promise<JsonClient> {
    const { client: client_id, name, token } = joining;
    const client = await JsonClient.connect(server, joining);
    client.send({
      type: "join",
      ...(client_id && { client_id }),
      ...(name && { name }),
      ...(token && { token }),
    });
    await client.until(() => client.state !== undefined);
    return client;
  }

  /** What it shows. */
  get text(): string {
    if (this.#mixed)
      throw new Error("a client without a CRDT cannot show this view until its messages are acked");
    return this.#pending.reduce((text, { edit }) => edited(text, edit), this.#taken);
  }

  /** Own messages that the stream it has taken in does not tell of yet. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Edits it has sent since it joined for the first time. */
  get sentCount(): number {
    return this.#lastId;
  }

  /** Messages of others that have arrived, taken in or not. */
  get othersReceived(): number {
    return this.#othersReceived;
  }

  get errors(): ErrorMessage[] {
    return this.received.filter((message) => message.type === "error");
  }

  insert(position: number, text: string): void {
    this.#edit({ type: "insert", position, text });
  }

  delete(position: number, length: number): void {
    this.#edit({ type: "delete", position, length });
  }

  /** Sends any message, its envelope filled in where `message` does not say otherwise. */
  send(message: Readonly<Record<string, unknown>>): void {
    this.sendRaw(JSON.stringify({ user_id: this.user, doc_id: this.#document, ...message }));
  }

  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data);
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

  /** Resolves with the next message of `type` that has not been awaited before, and that `matches`. */
  async next<Type extends ServerMessage["type"]>(
    type: Type,
    from = this.received.length,
  ): Promise<Extract<ServerMessage<Operation>, { type: Type }>> {
    const find = () => this.received.slice(from).find((message) => message.type === type);
    await this.until(() => find() !== undefined);
    return find() as Extract<ServerMessage<Operation>, { type: Type }>;
  }

  /** Resolves once every own message is acked and everything that has arrived is taken in. */
  async settle(): Promise<void> {
    await this.until(() => {
      this.takeIn();
      return this.#pending.length === 0;
    });
  }

  /** Resolves once the server has answered everything sent before. */
  async roundTrip(): Promise<void> {
    const answer = this.next("heartbeat");
    this.send({ type: "heartbeat" });
    await answer;
  }

  /** Resolves once it has taken the stream in up to `version`. */
  async reach(version: number): Promise<void> {
    await this.until(() => {
      this.takeIn();
      return this.version >= version;
    });
  }

  /** Drops the line without a word. */
  vanish(): void {
    this.socket.terminate();
  }

  #edit(edit: Edit): void {
    const id = ++this.#lastId;
    this.#pending.push({ id, edit });
    this.send({ ...edit, id, version: this.version });
  }

  #receive(message: ServerMessage<Operation>): void {
    this.received.push(message);
    if (message.type === "state") this.#begin(message);
    if (message.type === "changes") this.#othersReceived++;
    if (message.type === "ack" && message.id !== undefined) this.acked.set(message.id, message.version);
    if (message.type === "changes" || (message.type === "ack" && !message.duplicate)) {
      this.#inbox.push(message);
      this.receivedVersion = message.version;
    }
    this.wake();
  }

  #begin(state: StateMessage): void {
    this.state = state;
    this.version = state.version;
    this.receivedVersion = state.version;
    this.#taken = state.text;
    this.title = state.title;
    this.#lastId = state.session.last_id;
    for (const [name, value] of Object.entries(state.counters)) this.counters.set(name, value);
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
    if (this.#inboxStart === this.#inbox.length) {
      this.#inbox = [];
      this.#inboxStart = 0;
    }
  }

  #apply(next: Streamed): void {
    this.version = next.version;
    for (const change of next.changes) this.#change(change);
    if (next.type === "ack") this.#pending = this.#pending.filter(({ id }) => id !== next.id);
    this.#mixed = this.#pending.length > 0 && (this.#mixed || next.type === "changes");
  }

  #change(change: Operation): void {
    switch (change.type) {
      case "insert":
      case "delete":
        this.#taken = edited(this.#taken, change);
        return;
      case "set_title":
        this.title = change.title;
        return;
      case "increment_counter":
        this.counters.set(change.counter, (this.counters.get(change.counter) ?? 0) + change.amount);
    }
  }
}

function edited(text: string, edit: Edit): string {
  const { position } = edit;
  return edit.type === "insert"
    ? text.slice(0, position) + edit.text + text.slice(position)
    : text.slice(0, position) + text.slice(position + edit.length);
}
