import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
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

/** What a server with TLS shows its clients: both in PEM, the certificate with those that lead to its root. */
export interface TlsKeys {
  readonly certificate: string;
  readonly key: string;
}

const TIMEOUTS = {
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
};

/**
 * A server for `requests` that hands upgrades of `/documents/<document id>` on, and refuses all others with 404; with TLS where
 * there are keys. @throws Node's error when they are none, or do not belong together.
 */
export function createHttpServer(requests: RequestListener, onUpgrade: OnUpgrade, tls?: TlsKeys): Server {
  const server =
    tls === undefined
      ? createServer(TIMEOUTS, requests)
      : createTlsServer({ ...TIMEOUTS, cert: tls.certificate, key: tls.key }, requests);
  return server.on("upgrade", (request, socket, head) => {
    const document = documentOfPath(pathOf(request));
    if (document === undefined) refuseUpgrade(socket, 404, "Not Found");
    else onUpgrade(document, request, socket, head);
  });
}

/**
 * Shows new connections other keys; connections that stand go on as they are.
 * @throws Node's error when they are none, or do not belong together; the old ones stay then.
 */
export function renewTls(server: Server, { certificate, key }: TlsKeys): void {
  if (server instanceof TlsServer) server.setSecureContext({ cert: certificate, key });
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
  const scheme = server instanceof TlsServer ? "https" : "http";
  return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
