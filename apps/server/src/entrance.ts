import type { RequestListener, Server } from "node:http";
import type { DocumentId } from "@motet/document";
import type { Socket, SocketListener } from "@motet/transport";
import { refuseUpgrade, WebSocketAcceptor } from "@motet/transport/node";
import { Admissions } from "./admissions.js";
import { Attachment } from "./attachment.js";
import type { Clock } from "./clock.js";
import { createHttpServer, listen, type OnUpgrade, renewTls, type TlsKeys } from "./http/http-server.js";
import type { ServerLimits } from "./limits.js";
import { isAllowedOrigin } from "./origins.js";
import type { ServerEvents } from "./server-events.js";

/** What an entrance is made of. */
export interface EntranceOptions {
  /** Address to listen on. */
  readonly host: string;
  /** TCP port in [0, 65535]; 0 takes a free one. */
  readonly port: number;
  /** Answers requests that do not ask to become a connection. */
  readonly app: RequestListener;
  /** Makes it https and wss. */
  readonly tls?: TlsKeys | undefined;
  /** Origins whose pages may connect; all without it. */
  readonly origins?: readonly string[] | undefined;
  readonly clock: Clock;
  /** What a frame and a socket may cost, and how many connections are let in. */
  readonly limits: ServerLimits;
  readonly events: ServerEvents;
  /** Whether there is no room for another connection. */
  readonly isFull: () => boolean;
  /** Takes a new connection; the answer is the listener that the socket is to have. */
  readonly serve: (socket: Socket, document: DocumentId) => SocketListener;
}

/** When to come again to a server that is full or about to stop, in milliseconds. */
const BUSY_MS = 3_000;

/** The port, and the servers of others that serve as one: requests go to the app, and upgrades that may come in become sockets. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #acceptor: WebSocketAcceptor;
  readonly #http: Server;
  readonly #admissions: Admissions;
  readonly #attachments: Attachment[] = [];
  #isShut = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#admissions = new Admissions(options.limits, options.clock.monotonicMs());
    this.#acceptor = new WebSocketAcceptor(options.limits);
    this.#http = createHttpServer(options.app, this.#onUpgrade, options.tls);
  }

  /** Opens the port. @returns The address, such as `http://127.0.0.1:8080`. Rejects with Node's error when it cannot be had. */
  open(): Promise<string> {
    const { host, port } = this.#options;
    return listen(this.#http, host, port);
  }

  /** Takes in at somebody else's server what comes for documents. */
  attach(server: Server): void {
    this.#attachments.push(new Attachment(server, { app: this.#options.app, onUpgrade: this.#onUpgrade }));
  }

  /** Shows new connections other keys. @throws Node's error when they cannot be used; the old ones stay then. */
  renewTls(keys: TlsKeys): void {
    renewTls(this.#http, keys);
  }

  /** Lets no connection in from now on: they are told when to come again. */
  turnAway(): void {
    this.#isShut = true;
  }

  /** Closes the port, and lets go of those of others; resolves when everybody has gone. */
  async shut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await Promise.all([closed, ...this.#attachments.map((attachment) => attachment.end())]);
  }

  readonly #onUpgrade: OnUpgrade = (document, request, stream, head) => {
    const { isFull, origins, serve, clock, events } = this.#options;
    const waitMs = this.#isShut || isFull() ? BUSY_MS : this.#admissions.ask(clock.monotonicMs());
    if (!isAllowedOrigin(request.headers.origin, origins)) {
      events.emit({ type: "refused", code: "FOREIGN_ORIGIN", over: "upgrade" });
      refuseUpgrade(stream, 403, "Forbidden");
    } else if (waitMs > 0) {
      events.emit({ type: "refused", code: "TOO_BUSY", over: "upgrade" });
      refuseUpgrade(stream, 503, "Service Unavailable", Math.ceil(waitMs / 1_000));
    } else this.#acceptor.accept(request, stream, head, (socket) => serve(socket, document));
  };
}
