import type { DocumentKey, DocumentLimits, DocumentStore, TenantId } from "@motet/document";
import type { Fanout } from "@motet/transport";
import type { AdminAddress } from "./admin/admin-entrance.js";
import type { Authenticator } from "./authenticator.js";
import type { Clock } from "./clock.js";
import type { TlsKeys } from "./http/http-server.js";
import type { ServerLimits } from "./limits.js";
import type { Platform } from "./platform.js";
import type { ServerListener } from "./server-events.js";
import type { WebhookEndpoint } from "./webhooks/webhook.js";

/** What a server is made of; everything has a default that is safe on a developer's machine. */
export interface CollaborativeServerOptions {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** TCP port in [0, 65535]; 0 takes a free one. @default 8080 */
  readonly port?: number;
  /** Makes it https and wss. @default neither */
  readonly tls?: TlsKeys;
  /** Where documents are kept. Whoever opened it closes it, after the server. @default in memory */
  readonly store?: DocumentStore;
  /** How the nodes of a cluster that share the store tell each other what is new. The server starts and closes it. @default no others */
  readonly fanout?: Fanout;
  /** Whose documents these are. @default "main" */
  readonly tenant?: TenantId;
  /** Says who somebody is and what they may do. @default everybody is who they say they are, and may do everything */
  readonly authenticator?: Authenticator;
  /**
   * Origins whose pages may connect, exactly as browsers send them, and call over HTTP from there (CORS); others are refused with 403.
   * @default all may connect, and none call from elsewhere
   */
  readonly origins?: readonly string[];
  /** Folder of the page that is served at `/`, such as `playgroundFolder`; all of it is read at the start. @default no page */
  readonly playground?: string;
  readonly limits?: Partial<ServerLimits>;
  /** What one document may grow to, and when its log is put together. */
  readonly documentLimits?: Partial<DocumentLimits>;
  readonly clock?: Clock;
  /** What stands in for the machine's own timers and randomness: for simulations. @default Node's */
  readonly platform?: Partial<Platform>;
  /** Hears of everything that happens here; see `ServerEvent`. @default nobody */
  readonly onEvent?: ServerListener;
  /** Where administrators come in: `/status`, `/metrics` and `/admin/`. @default where everybody does */
  readonly adminAddress?: AdminAddress;
  /** What administrators show, behind `Authorization: Bearer`. @default nothing, and only this machine is let in */
  readonly adminToken?: string;
  /** Addresses that are told what happens to documents; changes of one document within `intervalMs` as one. @default none, 2_000 */
  readonly webhooks?: { readonly endpoints: readonly WebhookEndpoint[]; readonly intervalMs?: number };
}

/** What `GET /status` answers. */
export interface ServerStatus {
  /** Connections that have joined a document. */
  readonly connectedClients: number;
  /** Documents with at least one of them. */
  readonly activeDocuments: number;
  /** Operations accepted and made durable since the start. */
  readonly totalOperations: number;
  readonly uptimeMs: number;
  /** Bytes on their way to the disk. */
  readonly queuedBytes: number;
  /** Readers who do not take what they are sent, and the bytes that are kept for them. */
  readonly slowReaders: { readonly readers: number; readonly bytes: number };
}

/** A document with changes on their way to the disk. */
export interface UnsavedDocument {
  readonly document: DocumentKey;
  readonly bytes: number;
}
