import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refuseUpgrade } from "@motet/transport/node";
import { API_PATH } from "./http/http-app.js";
import type { OnUpgrade } from "./http/http-server.js";
import { documentOfPath, pathOf } from "./http/upgrade.js";

/** How what comes in at somebody else's server is served. */
export interface AttachmentOptions {
  readonly app: RequestListener;
  readonly onUpgrade: OnUpgrade;
}

type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

/**
 * Takes documents' connections and requests for documents from a server that belongs to somebody else. Its own listeners never hear of
 * those, whenever they were added, for a second answer would be an error; they hear of everything else as before.
 */
export class Attachment {
  readonly #server: Server;
  readonly #options: AttachmentOptions;
  readonly #connections = new Set<Duplex>();
  #isLoose = false;

  constructor(server: Server, options: AttachmentOptions) {
    this.#server = server;
    this.#options = options;
    const emit = server.emit.bind(server) as Emit;
    const takeOrEmit: Emit = (event, ...values) => this.#takes(event, values) || emit(event, ...values);
    server.emit = takeOrEmit;
    server.on("upgrade", this.#refuse);
  }

  /** Resolves once every connection that came in here has gone; then the server is all its owner's. */
  async end(): Promise<void> {
    const gone = [...this.#connections].map(
      (stream) => new Promise((resolve) => stream.once("close", resolve)),
    );
    await Promise.all(gone);
    this.#isLoose = true;
    this.#server.off("upgrade", this.#refuse);
  }

  #takes(event: string | symbol, values: unknown[]): boolean {
    if (this.#isLoose) return false;
    if (event === "request") return this.#answers(...(values as [IncomingMessage, ServerResponse]));
    if (event === "upgrade") return this.#letsIn(...(values as [IncomingMessage, Duplex, Buffer]));
    return false;
  }

  #answers(request: IncomingMessage, response: ServerResponse): boolean {
    if (!pathOf(request).startsWith(`${API_PATH}/`)) return false;
    this.#options.app(request, response as Parameters<RequestListener>[1]);
    return true;
  }

  #letsIn(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    const document = documentOfPath(pathOf(request));
    if (document === undefined) return false;
    this.#connections.add(stream);
    stream.once("close", () => this.#connections.delete(stream));
    this.#options.onUpgrade(document, request, stream, head);
    return true;
  }

  /** Node asks for upgrades only where somebody listens. One that nobody else listens for would hang. */
  readonly #refuse = (_request: IncomingMessage, stream: Duplex): void => {
    if (this.#server.listenerCount("upgrade") === 1) refuseUpgrade(stream, 404, "Not Found");
  };
}
