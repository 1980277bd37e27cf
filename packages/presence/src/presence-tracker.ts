import { Activity } from "./activity.js";
import { ColourPool } from "./colour.js";
import { PresenceError } from "./errors.js";
import type {
  Cursor,
  CursorPosition,
  Participant,
  ParticipantChange,
  PresenceUser,
  Status,
  Tab,
} from "./participant.js";
import { Person, type TabState } from "./person.js";

/** A user of a document. */
export interface DocumentUser {
  readonly document: string;
  readonly userId: string;
}

/** What an application says of a user; what is absent stays as it is. */
export interface PresenceUpdate {
  readonly status?: Status;
  /** Replaces the former state as a whole. */
  readonly state?: Readonly<Record<string, unknown>>;
}

/** What a tracker may be told. */
export interface PresenceTrackerOptions {
  /** Quiet for this long means idle, in milliseconds, above 0. @default 300_000 (5 minutes) */
  readonly idleMs?: number;
}

const IDLE_MS = 300_000;

/**
 * Who is in which document, where their cursors are, and who has gone quiet. Nothing here is stored, no timer runs,
 * and no document is looked into: whether a cursor stands inside the text is the caller's to see to.
 *
 * A user counts once however many connections they have, and is as active as the most active of these. Times are
 * milliseconds of the caller's clock. Every call costs O(connections of that user) except those that return lists, which
 * cost that for each user they look at.
 */
export class PresenceTracker {
  readonly #idleMs: number;
  readonly #rooms = new Map<string, Room>();
  /** Connections that are here and not quiet; those of other sources are watched there. */
  readonly #activity = new Activity<TabState>();

  constructor(options: PresenceTrackerOptions = {}) {
    this.#idleMs = options.idleMs ?? IDLE_MS;
  }

  /**
   * A connection of a user comes in; they are active now. A second one keeps the colour. Whoever hears of somebody's first
   * connection knows them from what this returns: {@link takeChanges} tells what changes after that.
   */
  join(tab: Tab, user: PresenceUser, nowMs: number): Participant {
    const room = this.#roomOf(tab.document);
    const known = room.people.get(tab.user);
    const person = known ?? enter(room, tab.user, user);
    this.#act(person.enter(tab), nowMs);
    person.name = user.name ?? person.name;
    const participant = person.participant();
    if (known === undefined) person.told(participant);
    else room.changed.add(person);
    return participant;
  }

  /**
   * A connection has gone, and what it said; with the last one the user is, and their colour is free. Returns what they are
   * with the connections that are left, or `undefined` for one that is not there.
   */
  leave(tab: Tab): Participant | undefined {
    const found = this.#find(tab);
    if (found === undefined) return undefined;
    const { room, person, state } = found;
    person.leave(state);
    this.#activity.forget(state);
    if (person.isGone) this.#exit(tab.document, room, person);
    else room.changed.add(person);
    return person.participant();
  }

  /**
   * Every connection of a source has gone: that node is dead. Returns the users who have left with it. Cost: O(everybody).
   */
  leaveAll(source: string): readonly (DocumentUser & { readonly participant: Participant })[] {
    const tabs = [...this.#rooms.values()]
      .flatMap((room) => [...room.people.values()])
      .flatMap((person) => [...person.tabs])
      .filter(({ tab }) => tab.source === source);
    return tabs.flatMap(({ tab }) => {
      const participant = this.leave(tab);
      if (participant?.connections !== 0) return [];
      return [{ document: tab.document, userId: tab.user, participant }];
    });
  }

  /**
   * Moves a cursor, or takes it away, and starts the idle time anew.
   * @throws {PresenceError} `NOT_PRESENT` when the connection is not there: a late frame does not bring it back.
   * `BAD_CURSOR` unless lines and columns are integers in [0, 2^53 - 1].
   */
  updateCursor(tab: Tab, cursor: Cursor | undefined, nowMs: number): void {
    const { room, person, state } = this.#presenceOf(tab);
    person.move(state, cursor && checkedCursor(cursor));
    this.#act(state, nowMs);
    room.changed.add(person);
  }

  /**
   * Takes over what an application says. `status: "active"` and a `state` alone start the idle time anew; `"idle"` and
   * `"away"` hold until something is done there.
   * @throws {PresenceError} `NOT_PRESENT` when the connection is not there.
   */
  updateState(tab: Tab, update: PresenceUpdate, nowMs: number): void {
    const { room, person, state } = this.#presenceOf(tab);
    if (update.state !== undefined) person.say(state, update.state);
    const status = update.status ?? "active";
    if (status === "active") this.#act(state, nowMs);
    else {
      state.status = status;
      this.#activity.forget(state);
    }
    room.changed.add(person);
  }

  /**
   * The user did something else, such as type: the idle time starts anew.
   * @throws {PresenceError} `NOT_PRESENT` when the connection is not there.
   */
  touch(tab: Tab, nowMs: number): void {
    const { room, person, state } = this.#presenceOf(tab);
    if (state.status !== "active") room.changed.add(person);
    this.#act(state, nowMs);
  }

  /** Makes idle what has been quiet for `idleMs` as of `nowMs`, and returns those who are idle by that. Cost: O(those). */
  checkIdle(nowMs: number): DocumentUser[] {
    return this.#activity.takeQuiet(nowMs, this.#idleMs).flatMap((state) => {
      const { document, user } = state.tab;
      const { room, person } = this.#presenceOf(state.tab);
      state.status = "idle";
      if (person.status === "active") return [];
      room.changed.add(person);
      return [{ document, userId: user }];
    });
  }

  /** Whether the connection is there. */
  has(tab: Tab): boolean {
    return this.#find(tab) !== undefined;
  }

  /** Whether {@link takeChanges} has something to tell. Cost: O(1). */
  hasChanges(document: string): boolean {
    return (this.#rooms.get(document)?.changed.size ?? 0) > 0;
  }

  /**
   * What is new of those in `document` since the last call, for those who know how everybody was then; in the order in
   * which it was first new. Who comes and goes is not in it. Cost: O(changed).
   */
  takeChanges(document: string): readonly ParticipantChange[] {
    const room = this.#rooms.get(document);
    if (room === undefined) return [];
    const changes = [...room.changed].flatMap((person) => person.takeChange() ?? []);
    room.changed.clear();
    return changes;
  }

  /** Those in `document` who are not idle, in order of arrival. */
  getActiveUsers(document: string): Participant[] {
    return this.participants(document).filter((someone) => !someone.idle);
  }

  /** The cursors of those who are not idle and have moved one. */
  getCursorPositions(document: string): CursorPosition[] {
    return this.getActiveUsers(document).flatMap(({ id, name, colour, cursor }) =>
      cursor === undefined ? [] : [{ id, name, colour, ...cursor }],
    );
  }

  /** Everyone in `document`, in order of arrival. */
  participants(document: string): Participant[] {
    return [...(this.#rooms.get(document)?.people.values() ?? [])].map((person) => person.participant());
  }

  /** One user of `document`; `undefined` when they are not there. */
  participant(document: string, userId: string): Participant | undefined {
    return this.#rooms.get(document)?.people.get(userId)?.participant();
  }

  #act(state: TabState, nowMs: number): void {
    state.status = "active";
    if (state.tab.source === undefined) this.#activity.touch(state, nowMs);
  }

  #exit(document: string, room: Room, person: Person): void {
    room.people.delete(person.id);
    room.changed.delete(person);
    room.colours.release(person.colour);
    if (room.people.size === 0) this.#rooms.delete(document);
  }

  #roomOf(document: string): Room {
    const known = this.#rooms.get(document);
    if (known !== undefined) return known;
    const room: Room = { people: new Map(), colours: new ColourPool(), changed: new Set() };
    this.#rooms.set(document, room);
    return room;
  }

  #find(tab: Tab): Found | undefined {
    const room = this.#rooms.get(tab.document);
    const person = room?.people.get(tab.user);
    const state = person?.tab(tab);
    return room && person && state && { room, person, state };
  }

  #presenceOf(tab: Tab): Found {
    const found = this.#find(tab);
    if (found !== undefined) return found;
    throw new PresenceError("NOT_PRESENT", "this user is not in the document");
  }
}

/** One document's people, in order of arrival, their colours, and of whom there is something new. */
interface Room {
  readonly people: Map<string, Person>;
  readonly colours: ColourPool;
  readonly changed: Set<Person>;
}

/** A connection, whose it is, and where. */
interface Found {
  readonly room: Room;
  readonly person: Person;
  readonly state: TabState;
}

function enter(room: Room, id: string, { name = id, colour }: PresenceUser): Person {
  const person = new Person(id, name, room.colours.take(colour));
  room.people.set(id, person);
  return person;
}

function checkedCursor(cursor: Cursor): Cursor {
  const { line, column, from = cursor } = cursor;
  if ([line, column, from.line, from.column].every(isCount)) return cursor;
  throw new PresenceError("BAD_CURSOR", "line and column count from 0 in whole numbers");
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
