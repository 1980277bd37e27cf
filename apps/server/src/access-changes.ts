import type { AccessRule, DocumentKey } from "@motet/document";
import { type ConnectionManager, closeCode } from "@motet/transport";
import type { House } from "./door.js";
import { forbidden, rightsOf } from "./reception.js";
import { rightsMessage } from "./server-messages.js";
import type { Session } from "./session.js";

/** What {@link AccessChanges} work with. */
export interface AccessChangesOptions {
  readonly connections: ConnectionManager;
  readonly house: House;
  /** Every connection there is. */
  readonly sessions: () => Iterable<Session>;
}

/** Sees to it that connections can do what their users may do by now, and no more. */
export class AccessChanges {
  readonly #options: AccessChangesOptions;

  constructor(options: AccessChangesOptions) {
    this.#options = options;
  }

  /** A rule has come, from here or from another node. It holds from the next message on. Cost: O(connections). */
  heard(key: DocumentKey, { user }: AccessRule): void {
    for (const session of this.#options.sessions()) {
      if (session.member?.key === key && session.member.user === user) this.#apply(session);
    }
  }

  #apply(session: Session): void {
    const { member, open, phase, id, document } = session;
    if (member === undefined || open === undefined) return; // It has yet to read the rules.
    const { connections, house } = this.#options;
    const rights = rightsOf(open, member.identity);
    if (rights === "none") {
      house.refuse(session, forbidden("read"));
      house.dismiss(session, closeCode.forbidden, "not allowed any more");
      return;
    }
    if (rights === member.rights) return;
    session.identify({ ...member, rights });
    if (phase === "reading") connections.send(id, rightsMessage(document, member.user, rights));
  }
}
