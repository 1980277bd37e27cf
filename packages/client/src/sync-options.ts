import type { DocumentId } from "@motet/document";
import type { Clock, Socket, SocketListener, WakeSource } from "@motet/transport";
import type { ActivitySource } from "./activity.js";
import type { RandomBytes } from "./identity.js";
import type { ClientLimits } from "./limits.js";
import type { LocalStore } from "./local-store.js";

/** What a platform gives. */
export interface Platform {
  /** Makes one attempt: resolves with an open socket that reports to `listener`, or rejects. */
  readonly open: (url: string, listener: SocketListener) => Promise<Socket>;
  readonly clock: Clock;
  /** Gives a number in [0, 1). */
  readonly random: () => number;
  readonly randomBytes: RandomBytes;
  /** When the network may be back. */
  readonly wakeUps: WakeSource;
  /** What the person at the page does; `undefined` where there is no page. */
  readonly activity: ActivitySource | undefined;
  /** Runs something at the end of this turn. */
  readonly endOfTurn: (run: () => void) => void;
}

/** What keeps a document in step is made of. */
export interface SyncOptions {
  readonly platform: Platform;
  /** Of the document, on its server. */
  readonly url: string;
  readonly document: DocumentId;
  /** Empty where only the token says who it is, until the server has said it. */
  readonly user: string;
  readonly name: (() => string) | undefined;
  readonly token: (() => Promise<string>) | undefined;
  readonly store: LocalStore;
  /** The document's bag in the store. */
  readonly bag: string;
  /** Whether the store ends with the document. */
  readonly ownsStore: boolean;
  /** After how long without input this user is idle, in milliseconds; `undefined` when nobody watches. */
  readonly idleMs: number | undefined;
  readonly limits: ClientLimits;
}
