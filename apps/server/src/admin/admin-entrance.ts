import type { RequestListener, Server } from "node:http";
import { refuseUpgrade } from "@motet/transport/node";
import { createHttpServer, listen } from "../http/http-server.js";

/** Where administrators come in, and nobody else. */
export interface AdminAddress {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** TCP port in [0, 65535]; 0 takes a free one. */
  readonly port: number;
}

/** A port of its own for administrators. */
export class AdminEntrance {
  readonly #address: AdminAddress;
  readonly #http: Server;

  constructor(address: AdminAddress, app: RequestListener) {
    this.#address = address;
    this.#http = createHttpServer(app, (_document, _request, stream) =>
      refuseUpgrade(stream, 404, "Not Found"),
    );
  }

  /** Opens the port. @returns The address. Rejects with Node's error when it cannot be had. */
  open(): Promise<string> {
    const { host = "127.0.0.1", port } = this.#address;
    return listen(this.#http, host, port);
  }

  /** Closes it, and every connection to it. */
  shut(): Promise<void> {
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(() => resolve()));
  }
}
