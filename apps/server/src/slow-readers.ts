import { VersionVector } from "@motet/crdt-core";
import type { DocumentKey, OpenDocument, UserId } from "@motet/document";
import {
  type Connection,
  type ConnectionId,
  type ConnectionManager,
  closeCode,
  encodeChangesFrame,
  Frame,
  type ReaderObserver,
} from "@motet/transport";
import type { PresenceRelay } from "./presence-relay.js";
import type { ReplicaRelay } from "./replica-relay.js";
import type { Session } from "./session.js";

/** What all readers who are behind in one document have for certain, and what they lack of it, encoded once for all of them. */
interface Backlog {
  readonly since: VersionVector;
  readonly readers: Set<ConnectionId>;
  difference?: { readonly versionNumber: number; readonly update: Uint8Array };
}

/** What {@link SlowReaders} work with. */
export interface SlowReadersOptions {
  readonly connections: ConnectionManager;
  readonly presenceRelay: PresenceRelay;
  readonly replicas: ReplicaRelay;
  readonly sessionOf: (id: ConnectionId) => Session | undefined;
  readonly dismiss: (id: ConnectionId, code: number, reason: string) => void;
}

/** Puts right what readers have missed who did not read for a while. */
export class SlowReaders implements ReaderObserver {
  readonly #options: SlowReadersOptions;
  readonly #backlogs = new Map<string, Backlog>();

  constructor(options: SlowReadersOptions) {
    this.#options = options;
  }

  fellBehind({ id, document, kind }: Connection): void {
    if (kind !== "replica") return;
    const since = this.#options.replicas.toldOf(document as DocumentKey);
    const backlog = this.#backlogs.get(document) ?? { since, readers: new Set() };
    backlog.readers.add(id);
    this.#backlogs.set(document, backlog);
  }

  /** How everybody is by now; what the reader does not take of that at once, it does without. */
  caughtUp(reader: Connection): void {
    this.forget(reader);
    const { connections, presenceRelay } = this.#options;
    const frame = presenceRelay.whole(reader);
    if (frame !== undefined) connections.offer(reader.id, frame);
  }

  lost(reader: Connection, canResync: boolean): void {
    const { connections, sessionOf, dismiss } = this.#options;
    const session = sessionOf(reader.id);
    const backlog = this.#backlogs.get(reader.document);
    const { open, member } = session ?? {};
    if (!canResync || backlog === undefined || open === undefined || member === undefined) {
      dismiss(reader.id, closeCode.timeout, "too slow to read");
      return;
    }
    const frame = resync(backlog, open, member.user);
    open.afterCommit(() => connections.resynced(reader.id, frame));
  }

  /** The reader is not behind any more, or is gone. */
  forget({ id, document }: Pick<Connection, "id" | "document">): void {
    const backlog = this.#backlogs.get(document);
    backlog?.readers.delete(id);
    if (backlog?.readers.size === 0) this.#backlogs.delete(document);
  }
}

/** Read now, sent once it is durable. What the user's replicas have brought is acknowledged with it. */
function resync(backlog: Backlog, open: OpenDocument, user: UserId): Frame {
  const { document } = open;
  const { versionNumber, version } = document;
  if (backlog.difference?.versionNumber !== versionNumber) {
    backlog.difference = { versionNumber, update: document.encode(backlog.since) };
  }
  const own = new VersionVector([...version].filter(([replica]) => open.userOf(replica) === user));
  return Frame.binary(encodeChangesFrame(own, backlog.difference.update));
}
