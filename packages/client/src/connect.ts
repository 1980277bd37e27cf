import { type DocumentId, documentId, userId } from "@motet/document";
import { pageWakeUps, systemClock } from "@motet/transport";
import { openSocket } from "@motet/transport/socket";
import { pageActivity } from "./activity.js";
import { drawName } from "./identity.js";
import { IndexedDbStore } from "./indexed-db-store.js";
import { type ClientLimits, defaultLimits } from "./limits.js";
import type { LocalStore } from "./local-store.js";
import { MemoryLocalStore } from "./memory-local-store.js";
import { RemoteDocument } from "./remote-document.js";
import type { Platform } from "./sync-options.js";

/** How a person's activity is watched. */
export interface ActivityOptions {
  /** Whose input counts. @default the window */
  readonly target?: EventTarget;
  /** Without input for this long means idle, in milliseconds. @default 300_000 (5 minutes) */
  readonly idleMs?: number;
}

const IDLE_MS = 300_000;

/** Which document, as whom, and what to keep where. */
export interface ConnectOptions {
  /** 1 to 128 of `[A-Za-z0-9_-]`. */
  readonly document: DocumentId | string;
  /**
   * 1 to 128 of `[A-Za-z0-9_-]`; a server that knows its users checks it. Name it where several people share a browser:
   * each has their own local copy. @default whom the token names; without a token a guest with a random id
   */
  readonly user?: string;
  /** What others call this user; a function is asked before each attempt to connect. @default what the server makes of it */
  readonly name?: string | (() => string);
  /** Asked before each attempt to connect, and again on a living line before the last one runs out. */
  readonly token?: () => Promise<string>;
  /** Where edits are kept until they are saved, and the document for when there is no line. @default IndexedDB, where there is one; else memory */
  readonly store?: LocalStore;
  /**
   * In a browser the others see whether this user is active, idle or away, from real input and from whether the page can be
   * seen. `false` leaves it to `setPresence`.
   */
  readonly activity?: ActivityOptions | false;
  readonly limits?: Partial<ClientLimits>;
  /** What stands in for the platform's own clock, randomness and sockets. */
  readonly platform?: Partial<Platform>;
}

/**
 * A document on the server at `url`, such as `wss://example.org`, to be edited at once: it connects by itself and stays
 * connected until it is closed.
 * @throws {DocumentError} `MALFORMED` for a document or user that cannot be one. @throws {TypeError} for no address.
 */
export function connect(url: string, options: ConnectOptions): RemoteDocument {
  const activity = options.activity === false ? undefined : { idleMs: IDLE_MS, ...options.activity };
  const platform = { ...ourPlatform, activity: pageActivity(activity?.target), ...options.platform };
  const document = documentId(options.document);
  const user = options.user ?? (options.token ? WHOM_THE_TOKEN_NAMES : guest(platform));
  const address = addressOf(url, document);
  const { name } = options;
  return new RemoteDocument({
    platform,
    url: address,
    document,
    user: user === WHOM_THE_TOKEN_NAMES ? user : userId(user),
    name: typeof name === "string" ? () => name : name,
    token: options.token,
    store: options.store ?? ourStore(),
    ownsStore: options.store === undefined,
    // Of one browser's users, each has their own bag: nobody reads or delivers what another has left.
    bag: `${address} ${options.user ?? ""}`,
    idleMs: activity?.idleMs,
    limits: { ...defaultLimits, ...options.limits },
  });
}

const ourPlatform: Omit<Platform, "activity"> = {
  open: (url, listener) => openSocket(url, { listener }),
  clock: systemClock,
  random: () => Math.random(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  wakeUps: pageWakeUps,
  endOfTurn: (run) => queueMicrotask(run),
};

/** Known once the server has said it. */
const WHOM_THE_TOKEN_NAMES = "";

function guest({ randomBytes }: Platform): string {
  return `guest-${drawName(randomBytes, 12)}`;
}

function ourStore(): LocalStore {
  return "indexedDB" in globalThis ? new IndexedDbStore() : new MemoryLocalStore();
}

/** `https` becomes `wss`; what stands behind a path is left out. */
function addressOf(url: string, document: DocumentId): string {
  const base = new URL(url);
  const protocol = base.protocol.replace(/^http/, "ws");
  return `${protocol}//${base.host}${base.pathname.replace(/\/$/, "")}/documents/${document}`;
}
