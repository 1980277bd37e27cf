import type { RequestListener, Server } from "node:http";
import type { DocumentId } from "@motet/document";
import type { Socket, SocketListener } from "@motet/transport";
import { refuseUpgrade, WebSocketAcceptor } from "@motet/transport/node";
import { createHttpServer, listen, type OnUpgrade } from "./http/http-server.js";
import { isAllowedOrigin } from "./origins.js";

/** What an entrance is made of. */
export interface EntranceOptions {
  /** Address to listen on. */
  readonly host: string;
  /** TCP port in [0, 65535]; 0 takes a free one. */
  readonly port: number;
  /** Answers requests that do not ask to become a connection. */
  readonly app: RequestListener;
  /** Origins whose pages may connect; all without it. */
  readonly origins?: readonly string[] | undefined;
  /** Whether there is no room for another connection. */
  readonly isFull: () => boolean;
  /** Takes a new connection; the answer is the listener that the socket is to have. */
  readonly serve: (socket: Socket, document: DocumentId) => SocketListener;
}

/** The port: requests go to the app, and upgrades that may come in become sockets. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #acceptor = new WebSocketAcceptor();
  readonly #http: Server;
  #isShut = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#http = createHttpServer(options.app, this.#onUpgrade);
  }

  /** Opens the port. @returns The address, such as `http://127.0.0.1:8080`. Rejects with Node's error when it cannot be had. */
  open(): Promise<string> {
    const { host, port } = this.#options;
    return listen(this.#http, host, port);
  }

  /** Lets nobody in from now on; resolves when everybody has gone. */
  shut(): Promise<void> {
    this.#isShut = true;
    return new Promise((resolve) => this.#http.close(() => resolve()));
  }

  readonly #onUpgrade: OnUpgrade = (document, request, stream, head) => {
    const { isFull, origins, serve } = this.#options;
    if (isFull() || this.#isShut) refuseUpgrade(stream, 503, "Service Unavailable");
    else if (!isAllowedOrigin(request.headers.origin, origins)) refuseUpgrade(stream, 403, "Forbidden");
    else this.#acceptor.accept(request, stream, head, (socket) => serve(socket, document));
  };
}
