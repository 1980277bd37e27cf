import type { DocumentKey, OpenDocument } from "@motet/document";
import type { Cursor, Participant, PresenceTracker, Tab } from "@motet/presence";
import type {
  AnchoredCursor,
  CursorMoveMessage,
  PresenceUpdateMessage,
  SelectionMessage,
} from "@motet/transport";
import type { PeopleElsewhere } from "./cluster/people-elsewhere.js";
import { anchoredIn, placedIn } from "./cursor-places.js";
import type { PresenceRelay } from "./presence-relay.js";

/** Somebody at a document. */
export interface Present {
  readonly tab: Tab;
  readonly open: OpenDocument;
}

/** A cursor that holds on to what has not come yet. */
interface Held extends Present {
  readonly anchors: AnchoredCursor;
  readonly nowMs: number;
}

/**
 * What connected clients say of themselves, on its way to the tracker. A cursor gets there once what it holds on to is
 * durable, so everything that the tracker has may be told. Each connection holds one cursor at most, the last.
 */
export class PresenceDesk {
  readonly #presence: PresenceTracker;
  readonly #relay: PresenceRelay;
  /** Who is told at other nodes. */
  readonly #people: PeopleElsewhere | undefined;
  readonly #held = new Map<string, Map<string, Held>>();

  constructor(presence: PresenceTracker, relay: PresenceRelay, people?: PeopleElsewhere) {
    this.#presence = presence;
    this.#relay = relay;
    this.#people = people;
  }

  /** A connection comes in. */
  enter({ tab, open }: Present, name: string, nowMs: number): Participant {
    this.#relay.begin(tab.document as DocumentKey, open.document);
    const me = this.#presence.join(tab, { name }, nowMs);
    this.#people?.enter(tab, me);
    this.#relay.note(tab.document);
    return me;
  }

  /** A connection has gone; nothing is known of it any more. `undefined` when it was not there. */
  leave(tab: Tab): Participant | undefined {
    this.#drop(tab);
    const gone = this.#presence.leave(tab);
    this.#people?.leave(tab);
    this.#relay.note(tab.document);
    return gone;
  }

  /** They did something: typed, say. */
  touch({ tab }: Present, nowMs: number): void {
    this.#presence.touch(tab, nowMs);
    this.#people?.update(tab, { status: "active" });
    this.#relay.note(tab.document);
  }

  /** A cursor by line and column, in the text as it is now. */
  move(present: Present, { line, column, from }: CursorMoveMessage, nowMs: number): void {
    this.touch(present, nowMs);
    const { document } = present.open;
    this.#place(present, anchoredIn(document, { line, column, ...(from && { from }) }), nowMs);
  }

  /** A cursor that holds on to elements, which may be on their way here still; or none. */
  select(present: Present, { head, from }: SelectionMessage, nowMs: number): void {
    this.touch(present, nowMs);
    this.#place(present, head && { head, ...(from && { from }) }, nowMs);
  }

  /** What the application says of them. */
  say({ tab }: Present, { status, state }: PresenceUpdateMessage, nowMs: number): void {
    const update = { ...(status && { status }), ...(state && { state }) };
    this.#presence.updateState(tab, update, nowMs);
    this.#people?.update(tab, { status: "active", ...update });
    this.#relay.note(tab.document);
  }

  /** Something has come into a document and is durable: cursors may have waited for it. Cost: O(those that wait). */
  arrived(key: DocumentKey): void {
    for (const held of [...(this.#held.get(key)?.values() ?? [])])
      this.#place(held, held.anchors, held.nowMs);
  }

  /** Makes idle who has been quiet. */
  noticeIdle(nowMs: number): void {
    for (const { document, userId } of this.#presence.checkIdle(nowMs)) {
      this.#people?.idle(document as DocumentKey, userId);
      this.#relay.note(document);
    }
  }

  #place({ tab, open }: Present, anchors: AnchoredCursor | undefined, nowMs: number): void {
    this.#drop(tab);
    const place = anchors && placedIn(open.document, anchors);
    if (anchors !== undefined && place === undefined) this.#hold({ tab, open, anchors, nowMs });
    else open.afterCommit(() => this.#show(tab, place && { ...place, anchors }, nowMs));
  }

  /** By then they may have left. */
  #show(tab: Tab, cursor: Cursor | undefined, nowMs: number): void {
    if (!this.#presence.has(tab)) return;
    this.#presence.updateCursor(tab, cursor, nowMs);
    this.#people?.update(tab, { status: "active", cursor: cursor ?? null });
    this.#relay.note(tab.document);
  }

  #hold(held: Held): void {
    const { document, connection } = held.tab;
    const waiting = this.#held.get(document) ?? new Map<string, Held>();
    this.#held.set(document, waiting.set(connection, held));
  }

  #drop({ document, connection }: Tab): void {
    const waiting = this.#held.get(document);
    waiting?.delete(connection);
    if (waiting?.size === 0) this.#held.delete(document);
  }
}
