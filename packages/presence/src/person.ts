import type { Cursor, Participant, ParticipantChange, Status, Tab } from "./participant.js";

/** What is known of one connection of a user. */
export interface TabState {
  readonly tab: Tab;
  status: Status;
  /** `undefined` until there was one, `null` when there is none any more. */
  cursor: Cursor | null | undefined;
  state: Readonly<Record<string, unknown>> | undefined;
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** From the least to the most present. */
const RANK: Readonly<Record<Status, number>> = { away: 0, idle: 1, active: 2 };

/** One user in one document, put together from their connections. Every call costs O(connections). */
export class Person {
  readonly id: string;
  readonly colour: string;
  name: string;
  /** Those that moved their cursor last stand last; so do, among the states, those that said theirs last. */
  readonly #tabs = new Map<string, TabState>();
  readonly #states = new Map<string, TabState>();
  #told: Participant | undefined;

  constructor(id: string, name: string, colour: string) {
    this.id = id;
    this.name = name;
    this.colour = colour;
  }

  get isGone(): boolean {
    return this.#tabs.size === 0;
  }

  get tabs(): Iterable<TabState> {
    return this.#tabs.values();
  }

  tab(tab: Tab): TabState | undefined {
    return this.#tabs.get(keyOf(tab));
  }

  /** A connection comes in; the same one again begins anew. */
  enter(tab: Tab): TabState {
    const state: TabState = { tab, status: "active", cursor: undefined, state: undefined };
    this.#tabs.set(keyOf(tab), state);
    return state;
  }

  leave({ tab }: TabState): void {
    this.#tabs.delete(keyOf(tab));
    this.#states.delete(keyOf(tab));
  }

  move(tab: TabState, cursor: Cursor | undefined): void {
    tab.cursor = cursor ?? null;
    toEnd(this.#tabs, keyOf(tab.tab), tab);
  }

  say(tab: TabState, state: Readonly<Record<string, unknown>>): void {
    tab.state = state;
    toEnd(this.#states, keyOf(tab.tab), tab);
  }

  get status(): Status {
    let status: Status = "away";
    for (const tab of this.#tabs.values()) if (RANK[tab.status] > RANK[status]) status = tab.status;
    return status;
  }

  /** As they are now. */
  participant(): Participant {
    const { id, name, colour, status } = this;
    const cursor = [...this.#tabs.values()].findLast((tab) => tab.cursor !== undefined)?.cursor;
    const state = [...this.#states.values()].at(-1)?.state ?? NOTHING;
    const idle = status !== "active";
    const connections = this.#tabs.size;
    return { id, name, colour, connections, status, idle, state, ...(cursor && { cursor }) };
  }

  /** Everybody knows how they are now. */
  told(now: Participant): void {
    this.#told = now;
  }

  /** What nobody knows yet; from now on they do. `undefined` when there is nothing. */
  takeChange(): ParticipantChange | undefined {
    const [before, now] = [this.#told, this.participant()];
    this.#told = now;
    const change = {
      ...(now.name !== before?.name && { name: now.name }),
      ...(now.status !== before?.status && { status: now.status }),
      ...(now.state !== before?.state && { state: now.state }),
      ...(now.cursor !== before?.cursor && { cursor: now.cursor ?? null }),
    };
    return Object.keys(change).length === 0 ? undefined : { id: this.id, ...change };
  }
}

function keyOf({ source, connection }: Tab): string {
  return source === undefined ? connection : `${source}\n${connection}`;
}

function toEnd(map: Map<string, TabState>, key: string, tab: TabState): void {
  map.delete(key);
  map.set(key, tab);
}
