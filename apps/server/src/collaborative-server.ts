import type { Server } from "node:http";
import { type DocumentId, documentId, documentKey, type TenantId, tenantId } from "@motet/document";
import { type ConnectionId, closeCode, type Socket, type SocketListener } from "@motet/transport";
import type {
  CollaborativeServerOptions,
  ServerStatus,
  UnsavedDocument,
} from "./collaborative-server-options.js";
import { DocumentHandle } from "./document-handle.js";
import { drain } from "./drain.js";
import { ServerError } from "./errors.js";
import type { TlsKeys } from "./http/http-server.js";
import { Parts } from "./parts.js";
import type { ServerEvents } from "./server-events.js";

/**
 * Documents, presence and sockets, as one thing that starts and stops. `listen` opens a port and `attach` shares one; both start the
 * ticker. Without either, the `handle` methods and `tick` serve connections that come from elsewhere.
 */
export class CollaborativeServer {
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;
  #adminAddress: string | undefined;
  #hasBegun = false;

  /** @throws {ServerError} `BAD_CONFIG` for a limit that is none, or a webhook's secret that is none. */
  constructor(options: CollaborativeServerOptions = {}) {
    this.#parts = new Parts(options);
  }

  /** Tells whoever wants to know what happens here. */
  get events(): Pick<ServerEvents, "subscribe"> {
    return this.#parts.events;
  }

  /**
   * A document, to read, edit and observe from this program. Nothing is opened, and nothing made, by asking for it.
   * @throws {DocumentError} `MALFORMED` for what is no id: 1 to 128 of `[A-Za-z0-9_-]`.
   */
  document(id: DocumentId | string, tenant: TenantId | string = this.#parts.tenant): DocumentHandle {
    return new DocumentHandle({ ...this.#parts, key: documentKey(tenantId(tenant), documentId(id)) });
  }

  /** Where administrators come in, once `listen` or `attach` has resolved; `undefined` where they have no port of their own. */
  get adminAddress(): string | undefined {
    return this.#adminAddress;
  }

  /**
   * Opens the port and starts the ticker.
   * @returns The address, such as `http://127.0.0.1:8080`.
   * @throws {ServerError} `CLOSED` after `close`. Node's error when the port cannot be had.
   */
  async listen(): Promise<string> {
    await this.#begin();
    return this.#parts.entrance.open();
  }

  /**
   * Shares the port of a server of yours, listening or not: from now on this one takes upgrades of `/documents/<document id>` and requests
   * under `/api/v1/`; everything else stays with the listeners that are there or come. Starts the ticker. `close` lets go of it and
   * leaves it open. `host`, `port`, `tls` and `playground` are not used then.
   * @throws {ServerError} `CLOSED` after `close`. Node's error when the administrators' port cannot be had.
   */
  async attach(server: Server): Promise<void> {
    this.#mustBeOpen();
    this.#parts.entrance.attach(server);
    await this.#begin();
  }

  /**
   * Stops in this order: no new connections and messages, everything accepted made durable and acknowledged, every
   * client told to come back (1012), each at a time of its own. A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= drain(this.#parts);
    return this.#closing;
  }

  /**
   * Shows new connections other keys; connections that stand go on as they are.
   * @throws Node's error when they cannot be used; the old ones stay then.
   */
  renewTls(keys: TlsKeys): void {
    this.#parts.entrance.renewTls(keys);
  }

  /** Serves `document` to a socket of `@motet/transport`; the answer is the listener that the socket is to have. */
  serve(socket: Socket, document: DocumentId | string): SocketListener {
    return this.#parts.sessions.serve(socket, documentId(document));
  }

  /** Takes a connection to `document` and says how to call it in the other methods. */
  handleConnect(socket: Socket, document: DocumentId | string): ConnectionId {
    return this.#parts.sessions.connect(socket, documentId(document));
  }

  /** Takes a whole message of a connection. Never throws: what is wrong with it is answered. */
  handleMessage(id: ConnectionId, data: string | Uint8Array): void {
    this.#parts.sessions.receive(id, data);
  }

  /** A ping or a pong came in: the peer lives. */
  handleHeard(id: ConnectionId): void {
    this.#parts.sessions.hear(id);
  }

  /** The connection is gone, or is to go. A second call does nothing. */
  handleDisconnect(id: ConnectionId, code: number = closeCode.normal, reason = ""): void {
    this.#parts.sessions.disconnect(id, code, reason);
  }

  /** One round of looking for the late, the silent and the idle. `listen` calls it once a second. */
  tick(): void {
    this.#parts.ticker.tick();
  }

  /** Documents with changes that are not durable yet and acknowledged to nobody: what would be lost if the process ended now. */
  unsaved(): readonly UnsavedDocument[] {
    const open = [...this.#parts.documents.loaded].filter(({ isSettled }) => !isSettled);
    return open.map(({ id, queuedBytes }) => ({ document: id, bytes: queuedBytes }));
  }

  /** Who is connected and what has been done, as of now. */
  getStatus(): ServerStatus {
    return this.#parts.status.now();
  }

  /** What is begun once, however many ports there are. */
  async #begin(): Promise<void> {
    this.#mustBeOpen();
    this.#adminAddress ??= await this.#parts.adminEntrance?.open();
    if (!this.#hasBegun) this.#parts.cluster?.start();
    this.#hasBegun = true;
    this.#parts.ticker.start();
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new ServerError("CLOSED", "a closed server lets nobody in again");
  }
}
