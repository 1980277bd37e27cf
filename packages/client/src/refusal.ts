import { type ItemId, isReplicaId, replicaId } from "@motet/crdt-core";
import type { ErrorMessage } from "@motet/transport";
import type { Replica } from "./replica.js";

/** What the server would not take. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The first operation that it would not take. */
  readonly first: ItemId;
}

/** Refusals of an update that say nothing against its operations: they are sent again on another line. */
const PASSING: ReadonlySet<string> = new Set([
  "NOT_SAVED",
  "STORE_UNAVAILABLE",
  "STORE_FULL",
  "FENCED",
  "INTERNAL",
  "TOO_BUSY",
]);

/** This user may not write. */
const FORBIDDEN: ReadonlySet<string> = new Set(["FORBIDDEN", "READ_ONLY"]);

/** What an error of the server means for the operations made here; `undefined` when nothing. */
export function refusalOf(
  { code, message, in_reply_to, replica, seq }: ErrorMessage,
  { replica: own, outbox }: Pick<Replica, "replica" | "outbox">,
): Refusal | "passing" | "forbidden" | undefined {
  if (in_reply_to === "join" && code === "REPLICA_TAKEN") {
    return { code, message, first: { replica: own, seq: outbox.known.get(own) + 1 } };
  }
  if (in_reply_to !== "update") return undefined;
  if (FORBIDDEN.has(code)) return "forbidden";
  if (PASSING.has(code) || seq === undefined || !isReplicaId(replica)) return "passing";
  return { code, message, first: { replica: replicaId(replica), seq } };
}
