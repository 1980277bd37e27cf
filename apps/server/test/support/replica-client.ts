import { replicaId, VersionVector } from "@motet/crdt-core";
import { Document, documentId, type Operation } from "@motet/document";
import {
  decodeReplicaServerFrame,
  type ErrorMessage,
  encodeUpdateFrame,
  encodeVectorFrame,
  type ReplicaServerFrame,
  type ServerMessage,
  type SessionMessage,
} from "@motet/transport";
import { TestLine } from "./test-line.js";

/** What a replica says when it joins; all but the address have defaults. */
export interface ReplicaJoining {
  readonly document?: string;
  readonly user?: string;
  readonly replica?: string;
  readonly secret?: string;
  readonly token?: string;
  /** What it has from an earlier connection. */
  readonly from?: Document;
}

/** The simple client of the replica protocol: a document, and the frames as they come. */
export class ReplicaClient extends TestLine {
  readonly #joining: Required<Omit<ReplicaJoining, "from" | "token">> & ReplicaJoining;
  readonly document: Document;
  /** JSON messages received, oldest first. */
  readonly received: ServerMessage<Operation>[] = [];
  /** Binary frames received, oldest first; where one left its vector out, with what it says all the same. */
  readonly frames: (ReplicaServerFrame & { readonly vector: VersionVector })[] = [];
  /** Bytes of binary frames received. */
  bytes = 0;
  /** How far its own operations are known to be durable. */
  readonly acknowledged = new VersionVector();

  private constructor(server: string, joining: ReplicaJoining) {
    const { document = "page", user = "ann", replica = user, secret = "s".repeat(22) } = joining;
    super(server, document);
    this.#joining = { ...joining, document, user, replica, secret };
    this.document = joining.from ?? new Document({ id: documentId(document), replica: replicaId(replica) });
    this.socket.on("message", (data: Buffer, isBinary) => (isBinary ? this.#read(data) : this.#hear(data)));
  }

  /** Connects and says nothing yet. */
  static async connect(server: string, joining: ReplicaJoining = {}): Promise<ReplicaClient> {
    const client = new ReplicaClient(server, joining);
    await client.until(() => client.isOpen);
    return client;
  }

  /** Connects, joins, and resolves once the document is here. */
  static async join(server: string, joining: ReplicaJoining = {}): Promise<ReplicaClient> {
    const client = await ReplicaClient.connect(server, joining);
    client.knock();
    await client.until(() => client.frames.length > 0);
    return client;
  }

  get session(): SessionMessage | undefined {
    return this.received.find((message) => message.type === "session");
  }

  get errors(): ErrorMessage[] {
    return this.received.filter((message) => message.type === "error");
  }

  get text(): string {
    return this.document.text;
  }

  /** Says who it is and what it has, both at once. */
  knock(): void {
    const { replica: id, secret, token } = this.#joining;
    this.say({ type: "join", protocol: 1, replica: { id, secret }, ...(token && { token }) });
    this.sendRaw(encodeVectorFrame(this.document.version));
  }

  /** Makes operations and sends them in one update. */
  do(...operations: readonly Operation[]): void {
    for (const operation of operations) this.document.apply(operation, 1_700_000_000_000);
    this.sendUpdate(this.document.takeUpdate() ?? new Uint8Array());
  }

  insert(position: number, text: string): void {
    this.do({ type: "insert", position, text });
  }

  sendUpdate(update: Uint8Array): void {
    this.sendRaw(encodeUpdateFrame(update));
  }

  sendRaw(data: Uint8Array): void {
    this.socket.send(data);
  }

  /** Sends a JSON message, its envelope filled in where `message` does not say otherwise. */
  say(message: Readonly<Record<string, unknown>>): void {
    const { user, document } = this.#joining;
    this.socket.send(JSON.stringify({ user_id: user, doc_id: document, ...message }));
  }

  /** Resolves once everything it has made is acknowledged. */
  settle(): Promise<void> {
    const made = this.document.version.get(replicaId(this.#joining.replica));
    return this.until(() => this.acknowledged.get(replicaId(this.#joining.replica)) >= made);
  }

  /** Resolves with the first error. */
  async refusal(): Promise<ErrorMessage> {
    await this.until(() => this.errors.length > 0);
    return this.errors[0]!;
  }

  /** Resolves once the server has answered everything sent before. */
  async roundTrip(): Promise<void> {
    const from = this.received.length;
    this.say({ type: "heartbeat" });
    await this.until(() => this.received.slice(from).some(({ type }) => type === "heartbeat"));
  }

  #hear(data: Buffer): void {
    this.received.push(JSON.parse(String(data)) as ServerMessage<Operation>);
    this.wake();
  }

  #read(data: Buffer): void {
    const frame = decodeReplicaServerFrame(new Uint8Array(data));
    if (frame.update !== undefined) this.document.receive(frame.update);
    const { vector = this.document.version } = frame;
    this.bytes += data.length;
    this.frames.push({ ...frame, vector });
    this.acknowledged.merge(vector);
    this.wake();
  }
}
