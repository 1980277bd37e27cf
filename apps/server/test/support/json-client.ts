import type { Operation } from "@motet/document";
import type { ErrorMessage, ServerMessage, StateMessage } from "@motet/transport";
import { JsonView } from "./json-view.js";
import { TestLine } from "./test-line.js";

/** What a client says when it joins; all but the address have defaults. */
export interface Joining {
  readonly document?: string;
  readonly user?: string;
  readonly client?: string;
  readonly name?: string;
  readonly token?: string;
}

/** The simple client of the JSON protocol, over a real line; what it shows is a {@link JsonView}. */
export class JsonClient extends TestLine {
  readonly #document: string;
  readonly #view = new JsonView();
  readonly user: string;
  /** Everything received, oldest first. */
  readonly received: ServerMessage<Operation>[] = [];
  /** How often the server has asked for a sign of life. */
  pings = 0;
  #othersReceived = 0;

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

  get state(): StateMessage | undefined {
    return this.#view.state;
  }

  /** What it shows. */
  get text(): string {
    return this.#view.text;
  }

  get title(): string {
    return this.#view.title;
  }

  get counters(): ReadonlyMap<string, number> {
    return this.#view.counters;
  }

  /** How far it has taken the stream in. */
  get version(): number {
    return this.#view.version;
  }

  /** How far it has received the stream. */
  get receivedVersion(): number {
    return this.#view.receivedVersion;
  }

  /** The version that each own message made, by its id. */
  get acked(): ReadonlyMap<number, number> {
    return this.#view.acked;
  }

  /** Own messages that the stream it has taken in does not tell of yet. */
  get pendingCount(): number {
    return this.#view.pendingCount;
  }

  /** Edits it has sent since it joined for the first time. */
  get sentCount(): number {
    return this.#view.lastId;
  }

  /** Messages of others that have arrived, taken in or not. */
  get othersReceived(): number {
    return this.#othersReceived;
  }

  get errors(): ErrorMessage[] {
    return this.received.filter((message) => message.type === "error");
  }

  insert(position: number, text: string): void {
    this.send({ ...this.#view.make({ type: "insert", position, text }) });
  }

  delete(position: number, length: number): void {
    this.send({ ...this.#view.make({ type: "delete", position, length }) });
  }

  /** Sends any message, its envelope filled in where `message` does not say otherwise. */
  send(message: Readonly<Record<string, unknown>>): void {
    this.sendRaw(JSON.stringify({ user_id: this.user, doc_id: this.#document, ...message }));
  }

  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data);
  }

  /** As {@link JsonView.takeIn}. */
  takeIn(): void {
    this.#view.takeIn();
  }

  /** As {@link JsonView.takeInTo}. */
  takeInTo(version: number): void {
    this.#view.takeInTo(version);
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
      return this.pendingCount === 0;
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

  #receive(message: ServerMessage<Operation>): void {
    this.received.push(message);
    if (message.type === "state") this.#view.begin(message);
    else this.#view.hear(message);
    if (message.type === "changes") this.#othersReceived++;
    this.wake();
  }
}
