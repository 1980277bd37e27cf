import type { VersionVector } from "@motet/crdt-core";
import type { DocumentSnapshot, OpenDocument } from "@motet/document";
import type { Frame } from "@motet/transport";

/** What a new reader begins with. Everything in it is durable by the time it is handed over. */
export type Arrival = JsonArrival | ReplicaArrival;

interface AnyArrival {
  readonly open: OpenDocument;
  /** The highest message id accepted from this client so far; 0 if none. */
  readonly lastId: number;
}

/** How a JSON client begins: with what the document says. */
export interface JsonArrival extends AnyArrival {
  readonly kind: "json";
  readonly snapshot: DocumentSnapshot;
}

/** How a replica begins: with the operations that it lacks. */
export interface ReplicaArrival extends AnyArrival {
  readonly kind: "replica";
  /** The document's version in it. */
  readonly version: VersionVector;
  /** The encoded `state`; the same one for everybody who had nothing. */
  readonly state: Frame;
}
