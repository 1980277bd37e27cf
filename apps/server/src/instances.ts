import { timingSafeEqual } from "node:crypto";
import type { DocumentKey } from "@motet/document";
import { ServerError } from "./errors.js";
import type { Member, Session } from "./session.js";

/**
 * The sessions that have joined, by the instance of the client that they are. Two connections of one instance would
 * each take the other's messages for their own, so that a later one takes the place of the earlier.
 */
export class Instances {
  readonly #sessions = new Map<string, Session>();

  /**
   * The session whose place a newcomer takes, if there is one.
   * @throws {ServerError} `REPLICA_TAKEN` when the newcomer's replica is at work here and it does not know its secret.
   */
  replacedBy(key: DocumentKey, member: Member): Session | undefined {
    const old = this.#sessions.get(instanceName(key, member));
    if (old?.member?.replica === undefined) return old;
    if (old.member.user === member.user && sameSecret(old.member, member)) return old;
    throw replicaTaken();
  }

  add(session: Session): void {
    if (session.member !== undefined) this.#sessions.set(instanceName(session.key, session.member), session);
  }

  /** Forgets a session; of one whose place was taken, nothing is known any more. */
  delete(session: Session): void {
    if (session.member === undefined) return;
    const name = instanceName(session.key, session.member);
    if (this.#sessions.get(name) === session) this.#sessions.delete(name);
  }
}

/** Somebody else is this replica. The client draws another id. */
export function replicaTaken(): ServerError {
  return new ServerError("REPLICA_TAKEN", "this replica is somebody else's: draw another id", {
    inReplyTo: "join",
  });
}

/** Takes as long for a near miss as for a wild guess. */
function sameSecret({ replica: known }: Member, { replica: told }: Member): boolean {
  const [a, b] = [Buffer.from(known?.secret ?? ""), Buffer.from(told?.secret ?? "")];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** No part of it can hold a slash, but the key, whose only one is in a fixed place. */
function instanceName(key: DocumentKey, { user, client, replica }: Member): string {
  return replica === undefined ? `${key}/${user}/${client}` : `${key}//${replica.id}`;
}
