import { Activity } from "./activity.js";
import { ColourPool } from "./colour.js";
import { PresenceError } from "./errors.js";
import type { Cursor, CursorPosition, Participant, PresenceUser, Status } from "./participant.js";

/** Who has gone quiet, and where. */
export interface IdleUser {
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
 * A user counts once however many connections they have. Times are milliseconds of the caller's clock. Every call
 * costs O(1) except those that return lists, which cost O(what they look at).
 */
export class PresenceTracker {
  readonly #idleMs: number;
  readonly #rooms = new Map<string, Room>();
  readonly #activity = new Activity<Presence>();

  constructor(options: PresenceTrackerOptions = {}) {
    this.#idleMs = options.idleMs ?? IDLE_MS;
  }

  /** A connection of `user` comes in; they are active now. Joining again adds a connection and keeps the colour. */
  join(document: string, user: PresenceUser, nowMs: number): Participant {
    const room = this.#roomOf(document);
    const presence = room.people.get(user.id) ?? this.#enter(document, room, user);
    presence.connections++;
    presence.name = user.name ?? presence.name;
    return this.#act(presence, nowMs);
  }

  /**
   * A connection of `userId` has gone; with the last one the user is, and their colour is free. Returns what they were,
   * with the connections that are left, or `undefined` for someone who is not there.
   */
  leave(document: string, userId: string): Participant | undefined {
    const room = this.#rooms.get(document);
    const presence = room?.people.get(userId);
    if (room === undefined || presence === undefined) return undefined;
    presence.connections--;
    if (presence.connections === 0) this.#exit(room, presence);
    return participant(presence);
  }

  /**
   * Moves a cursor and starts the idle time anew.
   * @throws {PresenceError} `NOT_PRESENT` when the user is not there: a late frame does not bring them back.
   * `BAD_CURSOR` unless line and column are integers in [0, 2^53 - 1].
   */
  updateCursor(document: string, userId: string, cursor: Cursor, nowMs: number): Participant {
    const presence = this.#presenceOf(document, userId);
    presence.cursor = checkedCursor(cursor);
    return this.#act(presence, nowMs);
  }

  /**
   * Takes over what an application says. `status: "active"` and a `state` alone start the idle time anew; `"idle"` and
   * `"away"` hold until the user does something.
   * @throws {PresenceError} `NOT_PRESENT` when the user is not there.
   */
  updateState(document: string, userId: string, update: PresenceUpdate, nowMs: number): Participant {
    const presence = this.#presenceOf(document, userId);
    presence.state = update.state ?? presence.state;
    const status = update.status ?? "active";
    if (status === "active") return this.#act(presence, nowMs);
    presence.status = status;
    this.#activity.forget(presence);
    return participant(presence);
  }

  /**
   * The user did something else, such as type: the idle time starts anew.
   * @throws {PresenceError} `NOT_PRESENT` when the user is not there.
   */
  touch(document: string, userId: string, nowMs: number): Participant {
    return this.#act(this.#presenceOf(document, userId), nowMs);
  }

  /** Makes idle whoever has been quiet for `idleMs` as of `nowMs`, and returns only those. Cost: O(those). */
  checkIdle(nowMs: number): IdleUser[] {
    const quiet = this.#activity.takeQuiet(nowMs, this.#idleMs);
    for (const presence of quiet) presence.status = "idle";
    return quiet.map(({ document, id }) => ({ document, userId: id }));
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
    return [...(this.#rooms.get(document)?.people.values() ?? [])].map(participant);
  }

  /** One user of `document`; `undefined` when they are not there. */
  participant(document: string, userId: string): Participant | undefined {
    const presence = this.#rooms.get(document)?.people.get(userId);
    return presence && participant(presence);
  }

  #act(presence: Presence, nowMs: number): Participant {
    presence.status = "active";
    this.#activity.touch(presence, nowMs);
    return participant(presence);
  }

  #enter(document: string, room: Room, { id }: PresenceUser): Presence {
    const colour = room.colours.take();
    const presence: Presence = {
      document,
      id,
      name: id,
      colour,
      connections: 0,
      status: "active",
      state: {},
    };
    room.people.set(id, presence);
    return presence;
  }

  #exit(room: Room, presence: Presence): void {
    room.people.delete(presence.id);
    room.colours.release(presence.colour);
    this.#activity.forget(presence);
    if (room.people.size === 0) this.#rooms.delete(presence.document);
  }

  #roomOf(document: string): Room {
    const known = this.#rooms.get(document);
    if (known !== undefined) return known;
    const room: Room = { people: new Map(), colours: new ColourPool() };
    this.#rooms.set(document, room);
    return room;
  }

  #presenceOf(document: string, userId: string): Presence {
    const presence = this.#rooms.get(document)?.people.get(userId);
    if (presence !== undefined) return presence;
    throw new PresenceError("NOT_PRESENT", "this user is not in the document");
  }
}

/** One document's people, in order of arrival, and their colours. */
interface Room {
  readonly people: Map<string, Presence>;
  readonly colours: ColourPool;
}

/** A participant while it changes. */
interface Presence {
  readonly document: string;
  readonly id: string;
  readonly colour: string;
  name: string;
  connections: number;
  status: Status;
  state: Readonly<Record<string, unknown>>;
  cursor?: Cursor;
}

function participant({ document: _document, ...presence }: Presence): Participant {
  return { ...presence, idle: presence.status !== "active" };
}

function checkedCursor({ line, column }: Cursor): Cursor {
  if (isCount(line) && isCount(column)) return { line, column };
  throw new PresenceError("BAD_CURSOR", "line and column count from 0 in whole numbers");
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
