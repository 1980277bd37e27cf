import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { DocumentId } from "@motet/document";
import { refuseUpgrade } from "@motet/transport/node";
import { documentOfPath, pathOf } from "./upgrade.js";

/** Takes over a connection that asked, in due form, to edit `document`. */
export type OnUpgrade = (
  document: DocumentId,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => void;

/** Longest wait for the headers of a request, and for all of it, in milliseconds. Then 408. */
const REQUEST_TIMEOUT_MS = 10_000;

/** How often node looks for requests beyond their time. Its default of 30 s would let a dripping one live for 40 s. */
const TIMEOUT_CHECK_MS = 5_000;

/** Connections that the kernel holds ready while this process is busy: a thousand clients may come back at once. */
const BACKLOG = 4_096;

/** A server for `requests` that hands upgrades of `/documents/<document id>` on, and refuses all others with 404. */
export function createHttpServer(requests: RequestListener, onUpgrade: OnUpgrade): Server {
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    requests,
  );
  return server.on("upgrade", (request, socket, head) => {
    const document = documentOfPath(pathOf(request));
    if (document === undefined) refuseUpgrade(socket, 404, "Not Found");
    else onUpgrade(document, request, socket, head);
  });
}

/** Resolves with the address once `server` listens, such as `http://127.0.0.1:8080`. Rejects with node's error. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve(addressOf(server));
    });
  });
}

function addressOf(server: Server): string {
  // A server that listens on TCP has an address of this form; only pipes have another.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
