import type { DocumentKey } from "@motet/document";
import type { Cursor, Participant, PresenceTracker, PresenceUpdate, Tab } from "@motet/presence";
import {
  NAMED_MAX,
  type NamedTab,
  type PeopleMessage,
  type RemoteTab,
  readBusMessage,
} from "./bus-messages.js";
import type { ClusterBus } from "./cluster-bus.js";

/** What {@link PeopleElsewhere} work with. */
export interface PeopleElsewhereOptions {
  readonly node: string;
  readonly bus: ClusterBus;
  readonly presence: PresenceTracker;
  readonly nowMs: () => number;
  /** Calls `run` once after so many milliseconds. */
  readonly later: (delayMs: number, run: () => void) => unknown;
  /** Somebody has come or gone with their first or last connection. */
  readonly announce: (type: "user_joined" | "user_left", key: DocumentKey, who: Participant) => void;
  /** There may be something new of the people in a document. */
  readonly note: (key: DocumentKey) => void;
}

/** A document with readers here. */
interface Here {
  /** Those of this node, as the others are told. */
  readonly tabs: Map<string, RemoteTab>;
  /** Those who changed and those who have gone since the others were told. */
  readonly changed: Set<string>;
  readonly gone: Set<string>;
  /** Those of other nodes, as they told: whose, and up to which of its revisions. */
  readonly elsewhere: Map<string, { readonly tab: Tab; revision: number }>;
  /** When each other node has last named all who are there. */
  readonly namedMs: Map<string, number>;
  /** When this one has. */
  ownMs: number;
  /** Whether everybody here is to be named; and told, too. */
  names: boolean;
  tells: boolean;
  asks: boolean;
  isDue: boolean;
}

/** Others are told of this node's people at most this often for each document, in milliseconds. */
const PAUSE_MS = 50;

/** How often a node names all who are there: of a document with somebody elsewhere, and of one without, in milliseconds. */
const [ROUND_MS, LONELY_ROUND_MS] = [10_000, 30_000];

/** Who is at a node that has named nobody for so long is gone, and the word of it was lost. In milliseconds. */
const STALE_MS = 25_000;

/** Connections in one message: however much each says of itself, it is not too large for the bus. */
const TABS_MAX = 64;

/** A node that was silent for so long is dead, in milliseconds: its people are gone well within 30 s. */
const SILENCE_MS = 20_000;

/**
 * Presence across nodes: says who is here to those who have the same document open, and takes into the tracker whom they name. What is
 * lost on the bus is asked for when it is back, or when the names show it, which are told from time to time; who is at a node that is silent is gone.
 */
export class PeopleElsewhere {
  readonly #options: PeopleElsewhereOptions;
  readonly #documents = new Map<DocumentKey, Here>();
  readonly #heardMs = new Map<string, number>();

  constructor(options: PeopleElsewhereOptions) {
    this.#options = options;
  }

  /** A connection of this node has come. With the first one of a document the others are asked who is there. */
  enter({ document, connection, user }: Tab, { name, colour }: Participant): void {
    const here = this.#documents.get(document as DocumentKey) ?? this.#open(document as DocumentKey);
    here.tabs.set(connection, { connection, revision: 1, user, name, colour, status: "active", state: {} });
    this.#change(document as DocumentKey, here, connection);
  }

  /** Something of it is new; `cursor: null` takes the cursor away. */
  update(
    { document, connection }: Tab,
    { status, state, cursor }: PresenceUpdate & { readonly cursor?: Cursor | null },
  ): void {
    const here = this.#documents.get(document as DocumentKey);
    const known = here?.tabs.get(connection);
    if (here === undefined || known === undefined) return;
    const { cursor: before, ...rest } = known;
    const now = cursor === undefined ? before : (cursor ?? undefined);
    const isNews = cursor !== undefined || state !== undefined || (status ?? known.status) !== known.status;
    here.tabs.set(connection, {
      ...rest,
      revision: known.revision + Number(isNews),
      ...(status && { status }),
      ...(state && { state }),
      ...(now && { cursor: now }),
    });
    if (isNews) this.#change(document as DocumentKey, here, connection);
  }

  /** It has gone; with the last one of a document nobody here cares who else is there. */
  leave({ document, connection }: Tab): void {
    const here = this.#documents.get(document as DocumentKey);
    if (here === undefined || !here.tabs.delete(connection)) return;
    here.changed.delete(connection);
    here.gone.add(connection);
    this.#tell(document as DocumentKey, here);
    if (here.tabs.size > 0) return;
    this.#documents.delete(document as DocumentKey);
    for (const { tab } of here.elsewhere.values()) this.#options.presence.leave(tab);
  }

  /** Those of this node who are idle now. */
  idle(key: DocumentKey, user: string): void {
    const here = this.#documents.get(key);
    for (const tab of here?.tabs.values() ?? []) {
      if (tab.user === user)
        this.update({ document: key, connection: tab.connection, user }, { status: "idle" });
    }
  }

  /** Another node tells of its people. */
  heard(key: DocumentKey, bytes: Uint8Array): void {
    const here = this.#documents.get(key);
    const message = readBusMessage("people", bytes);
    if (here === undefined || message === undefined) return;
    const { node, tabs, gone, all, asks } = message;
    this.lives(node);
    if (asks) this.#tellAll(key, here);
    for (const connection of gone) this.#remove(key, here, `${node}/${connection}`);
    for (const tab of tabs) this.#take(key, here, message, tab);
    if (all !== undefined) this.#compare(key, here, node, all);
    this.#options.note(key);
  }

  /** Another node lives. */
  lives(node: string): void {
    this.#heardMs.set(node, this.#options.nowMs());
  }

  /** Lets those go whose node is silent, and names those of this one where it is time. Cost: O(documents). */
  tend(nowMs: number): void {
    for (const [node, heardMs] of this.#heardMs) {
      if (nowMs - heardMs <= SILENCE_MS) continue;
      this.#heardMs.delete(node);
      for (const [key, here] of this.#documents) this.#removeAll(key, here, node);
    }
    for (const [key, here] of this.#documents) {
      const isLonely = here.elsewhere.size === 0;
      if (nowMs - here.ownMs >= (isLonely ? LONELY_ROUND_MS : ROUND_MS)) this.#name(key, here);
      for (const [node, namedMs] of here.namedMs) {
        if (nowMs - namedMs > STALE_MS) this.#removeAll(key, here, node);
      }
    }
  }

  /** Something may have been missed on both sides: says everything again, and asks. */
  restored(): void {
    const nowMs = this.#options.nowMs();
    for (const [key, here] of this.#documents) {
      here.asks = true;
      for (const node of here.namedMs.keys()) here.namedMs.set(node, nowMs); // They had no way to tell.
      this.#tellAll(key, here);
    }
  }

  #open(key: DocumentKey): Here {
    const sets = {
      tabs: new Map(),
      changed: new Set<string>(),
      gone: new Set<string>(),
      elsewhere: new Map(),
      namedMs: new Map(),
    };
    const here: Here = { ...sets, ownMs: 0, names: true, tells: true, asks: true, isDue: false };
    this.#documents.set(key, here);
    return here;
  }

  #change(key: DocumentKey, here: Here, connection: string): void {
    here.changed.add(connection);
    this.#schedule(key, here);
  }

  #tellAll(key: DocumentKey, here: Here): void {
    here.tells = true;
    this.#name(key, here);
  }

  #name(key: DocumentKey, here: Here): void {
    here.names = here.tabs.size <= NAMED_MAX;
    this.#schedule(key, here);
  }

  #schedule(key: DocumentKey, here: Here): void {
    if (here.isDue) return;
    here.isDue = true;
    this.#options.later(PAUSE_MS, () => this.#tell(key, here));
  }

  #tell(key: DocumentKey, here: Here): void {
    const { node, bus, nowMs } = this.#options;
    const { tabs: known, changed, gone, names, tells, asks } = here;
    const tabs = [...(tells ? known.keys() : changed)].flatMap((connection) => known.get(connection) ?? []);
    const last = { gone: [...gone], asks, ...(names && { all: [...known.values()].map(nameOf) }) };
    if (names) here.ownMs = nowMs();
    changed.clear();
    gone.clear();
    Object.assign(here, { names: false, tells: false, asks: false, isDue: false });
    while (tabs.length > TABS_MAX) {
      const some: PeopleMessage = { node, tabs: tabs.splice(0, TABS_MAX), gone: [], asks: false };
      bus.say(key, "people", some);
    }
    const message: PeopleMessage = { node, tabs, ...last };
    if (tabs.length > 0 || message.gone.length > 0 || asks || names) bus.say(key, "people", message);
  }

  /** Whom the other node does not name has gone; what it names and has not been heard of is asked for. */
  #compare(key: DocumentKey, here: Here, node: string, all: readonly NamedTab[]): void {
    here.namedMs.set(node, this.#options.nowMs());
    const named = new Map(all.map(({ connection, revision }) => [`${node}/${connection}`, revision]));
    for (const [name, { tab }] of [...here.elsewhere])
      if (tab.source === node && !named.has(name)) this.#remove(key, here, name);
    const isHeard = ([name, revision]: [string, number]) =>
      (here.elsewhere.get(name)?.revision ?? 0) >= revision;
    if ([...named].every(isHeard)) return;
    here.asks = true;
    this.#schedule(key, here);
  }

  #take(key: DocumentKey, here: Here, { node }: PeopleMessage, told: RemoteTab): void {
    const { presence, nowMs } = this.#options;
    const { connection, revision, user, status, state, cursor } = told;
    const known = here.elsewhere.get(`${node}/${connection}`);
    if (known !== undefined && known.tab.user !== user) return; // Nobody changes into somebody else.
    if (known !== undefined && known.revision >= revision) return;
    const tab = known?.tab ?? { document: key, connection, user, source: node };
    here.elsewhere.set(`${node}/${connection}`, { tab, revision });
    if (known === undefined) this.#welcome(key, tab, told);
    presence.updateCursor(tab, cursor as Cursor | undefined, nowMs());
    presence.updateState(tab, { status, state }, nowMs());
  }

  #welcome(key: DocumentKey, tab: Tab, { name, colour }: RemoteTab): void {
    const { presence, nowMs, announce } = this.#options;
    const who = presence.join(tab, { name, colour }, nowMs());
    if (who.connections === 1) announce("user_joined", key, who);
  }

  /** Everybody at a node has gone. */
  #removeAll(key: DocumentKey, here: Here, node: string): void {
    here.namedMs.delete(node);
    const theirs = [...here.elsewhere].filter(([, { tab }]) => tab.source === node);
    for (const [name] of theirs) this.#remove(key, here, name);
    if (theirs.length > 0) this.#options.note(key);
  }

  #remove(key: DocumentKey, here: Here, name: string): void {
    const known = here.elsewhere.get(name);
    here.elsewhere.delete(name);
    const gone = known && this.#options.presence.leave(known.tab);
    if (gone?.connections === 0) this.#options.announce("user_left", key, gone);
  }
}

function nameOf({ connection, revision }: RemoteTab): NamedTab {
  return { connection, revision };
}
