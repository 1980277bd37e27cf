import type { DocumentKey, UserId } from "@motet/document";

/** Something that happened on this server. Changes are told once they are durable; no event holds text or a token. */
export type ServerEvent =
  /** A document was loaded into memory. */
  | { readonly type: "opened"; readonly document: DocumentKey }
  /** A document has its first operation. `changed` follows. */
  | ({ readonly type: "created" } & ChangeFacts)
  /** A document was changed: the state number `from` became `to`. */
  | ({ readonly type: "changed" } & ChangeFacts)
  /** Changes of one document became durable and were told to its readers. Times are in milliseconds. */
  | {
      readonly type: "saved";
      readonly document: DocumentKey;
      readonly operations: number;
      /** How long it took from the coming in of the first of them until all were acknowledged; missing where none came with its time. */
      readonly ackMs?: number;
      /** How long it took to hand the changes to all readers, after they were durable. */
      readonly relayMs: number;
    }
  /** A document was deleted. */
  | { readonly type: "deleted"; readonly document: DocumentKey }
  /** A connection came in. `isFirst`: the user was not there before. */
  | ({ readonly type: "joined"; readonly kind: "json" | "replica"; readonly isFirst: boolean } & UserFacts)
  /** A connection has gone. `isLast`: so has the user. */
  | ({ readonly type: "left"; readonly code: number; readonly isLast: boolean } & UserFacts)
  /** Something that was asked for over a socket or HTTP was refused. */
  | { readonly type: "refused"; readonly code: string; readonly over: "socket" | "http" | "upgrade" }
  /** A request over HTTP was answered. */
  | {
      readonly type: "answered";
      readonly method: string;
      /** The pattern of the address, such as `/api/v1/documents/:id`; not the address. */
      readonly route: string;
      readonly status: number;
      readonly durationMs: number;
      /** The trace that the request is part of, as in W3C Trace Context. */
      readonly traceId: string;
    }
  /** A call of the store ended; `code` says why, where it failed. */
  | {
      readonly type: "stored";
      readonly call: "load" | "append" | "replace" | "delete";
      readonly durationMs: number;
      readonly code?: string;
    }
  /** A document fails its check and is not served. Told once. */
  | { readonly type: "damaged"; readonly document: DocumentKey; readonly reason: string }
  /** The wall clock jumped by so many milliseconds. */
  | { readonly type: "clock_jumped"; readonly byMs: number }
  /** The other nodes are not heard any more: what they store is found later, by looking into the store. */
  | { readonly type: "bus_lost" }
  /** They are heard, again or for the first time. */
  | { readonly type: "bus_restored" }
  /** Somebody on the bus who does not know the secret said something: it was left out. */
  | { readonly type: "bus_forged" }
  /** The clock of another node is that far ahead of this one's: more than the stamp of a title may be. */
  | { readonly type: "clocks_apart"; readonly node: string; readonly aheadMs: number }
  /** A webhook was given up, or not taken into its full queue. */
  | { readonly type: "webhook_lost"; readonly reason: "full" | "failed"; readonly url: string }
  /** An error that nobody raised on purpose. */
  | { readonly type: "defect"; readonly error: unknown };

/** Who changed a document, and how far. */
export interface ChangeFacts {
  readonly document: DocumentKey;
  readonly user: UserId;
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  /** Another server made it durable, and tells its own observers and webhooks of it. */
  readonly isForeign?: true;
  /** The trace of the request that asked for it, where it came over HTTP. */
  readonly traceparent?: string;
}

/** Who came or went. */
export interface UserFacts {
  readonly document: DocumentKey;
  readonly user: UserId;
  readonly name: string;
}

/** Hears of what happens. */
export type ServerListener = (event: ServerEvent) => void;

/** Tells whoever wants to know what happens on this server, in the order in which it does. */
export class ServerEvents {
  readonly #listeners = new Set<ServerListener>();

  /** Has `listener` hear of everything from now on. @returns What ends that. What it throws is an uncaught error of its own. */
  subscribe(listener: ServerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells all listeners, at once. */
  emit(event: ServerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        void Promise.reject(error); // An unhandled rejection: the process decides what a broken listener means.
      }
    }
  }
}
