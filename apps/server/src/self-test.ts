import { randomBytes } from "node:crypto";
import { replicaId, TextCRDT, VersionVector } from "@motet/crdt-core";
import { type DocumentStore, documentId, documentKey, tenantId } from "@motet/document";
import {
  decodeReplicaServerFrame,
  encodeUpdateFrame,
  encodeVectorFrame,
  Frame,
  type Socket,
  type SocketListener,
} from "@motet/transport";
import { openSocket } from "@motet/transport/socket";
import { CollaborativeServer } from "./collaborative-server.js";

/** Whose documents a self-test's are: nobody's who is served. */
const TENANT = tenantId("self-test");

/** Visits of one JSON client and one replica, what each of them types in a visit, and how much of that before it waits for the store. */
const VISITS = 2;
const EDITS = 200;
const AT_ONCE = 10;

/** Replicas that come and go while another one is there: the first joins of a process take five times as long as the thirtieth. */
const GUESTS = 30;

/** How long a start waits for a self-test. */
const LATEST_MS = 5_000;

/**
 * Serves two clients of its own on a port of loopback, and some who only look in, over the store that everybody's documents are to be in, and leaves nothing there. So
 * a disk that does not take what is written is found before anybody's words are on their way to it; and the first who come meet code that has
 * run: a thousand connections then cost 17 MB, and 24 without.
 * @returns what is wrong, as a sentence; `undefined` when all is well. Never rejects, and never takes longer than five seconds.
 */
export async function selfTest(store: DocumentStore | undefined): Promise<string | undefined> {
  const test = visited(store).then(
    () => undefined,
    (error: Error) => `The self-test failed: ${error.message}.`,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(
      resolve,
      LATEST_MS,
      `The self-test was not through after ${LATEST_MS / 1_000} s: the store is slow.`,
    );
  });
  const outcome = await Promise.race([test, late]);
  clearTimeout(timer);
  return outcome;
}

async function visited(store: DocumentStore | undefined): Promise<void> {
  const document = documentId(randomBytes(12).toString("base64url"));
  const server = new CollaborativeServer({ port: 0, tenant: TENANT, ...(store && { store }) });
  try {
    const url = `${(await server.listen()).replace("http", "ws")}/documents/${document}`;
    for (let visit = 0; visit < VISITS; visit++) {
      await Promise.all([new JsonVisitor(document).visit(url), new ReplicaVisitor(document).visit(url)]);
    }
    const host = new ReplicaVisitor(document);
    await host.enter(url);
    for (let guest = 0; guest < GUESTS; guest++) await new ReplicaVisitor(document).lookIn(url);
    host.leave();
  } finally {
    await server.close();
    await store?.delete(documentKey(TENANT, document));
  }
}

/** A client that types, waits for its acknowledgements, and goes. */
abstract class Visitor implements SocketListener {
  readonly #document: string;
  #socket: Socket | undefined;
  #hasJoined = false;
  #acknowledged = 0;
  #failure: Error | undefined;
  #look = () => {};

  constructor(document: string) {
    this.#document = document;
  }

  /** The name of the user, and of its client. */
  protected abstract readonly user: string;
  /** Says what comes first. */
  protected abstract join(): void;
  /** Makes one more edit, the one of that number. */
  protected abstract edit(number: number): void;

  async enter(url: string): Promise<void> {
    this.#socket = await openSocket(url, { listener: this });
    this.join();
    await this.#until(() => this.#hasJoined);
  }

  leave(): void {
    this.#socket?.close(1000, "");
  }

  async lookIn(url: string): Promise<void> {
    await this.enter(url);
    this.leave();
  }

  async visit(url: string): Promise<void> {
    await this.enter(url);
    for (let made = 0; made < EDITS; ) {
      for (const before = made; made < before + AT_ONCE; ) this.edit(++made);
      this.say({ type: "cursor_move", line: 0, column: made });
      await this.#until(() => this.#acknowledged >= made);
    }
    this.leave();
  }

  text(text: string): void {
    const message = JSON.parse(text) as { type: string; id?: number; message?: string };
    if (message.type === "error") this.#failure = new Error(message.message);
    if (message.type === "state") this.joined();
    if (message.type === "ack") this.acknowledged(message.id!);
    this.#look();
  }

  binary(_bytes: Uint8Array): void {
    this.#look();
  }

  heard(): void {}

  closed(code: number): void {
    this.#failure ??= new Error(`the line was closed with ${code}`);
    this.#look();
  }

  failed(): void {}

  protected say(message: object): void {
    this.send(Frame.text(JSON.stringify({ user_id: this.user, doc_id: this.#document, ...message })));
  }

  protected send(frame: Frame): void {
    this.#socket?.send(frame);
  }

  protected joined(): void {
    this.#hasJoined = true;
  }

  protected acknowledged(edits: number): void {
    this.#acknowledged = edits;
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (isSo()) resolve();
        else if (this.#failure !== undefined) reject(this.#failure);
      };
      this.#look();
    });
  }
}

class JsonVisitor extends Visitor {
  protected readonly user = "json";

  protected join(): void {
    this.say({ type: "join" });
  }

  protected edit(number: number): void {
    const operation =
      number % 4 === 0
        ? { type: "delete", position: 0, length: 1 }
        : { type: "insert", position: 0, text: "x" };
    this.say({ ...operation, id: number });
  }
}

class ReplicaVisitor extends Visitor {
  protected readonly user = "replica";
  readonly #id = replicaId(randomBytes(12).toString("base64url"));
  readonly #text = new TextCRDT(this.#id);

  protected join(): void {
    this.say({
      type: "join",
      protocol: 1,
      replica: { id: this.#id, secret: randomBytes(18).toString("base64url") },
    });
    this.send(Frame.binary(encodeVectorFrame(new VersionVector())));
  }

  protected edit(): void {
    this.#text.insert(this.#text.length, "x");
    this.send(Frame.binary(encodeUpdateFrame(this.#text.takeUpdate()!)));
  }

  override binary(bytes: Uint8Array): void {
    const { kind, vector, update } = decodeReplicaServerFrame(bytes);
    if (update !== undefined) this.#text.applyUpdate(update);
    if (kind === "state") this.joined();
    else this.acknowledged(vector.get(this.#id));
    super.binary(bytes);
  }
}
