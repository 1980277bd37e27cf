import type { Anchor, LineColumn } from "@motet/crdt-core";
import type {
  AnchoredCursor,
  PresenceMessage,
  PresenceState,
  Status,
  UserChange,
  UserMessage,
  UserState,
} from "@motet/transport";

/** A user who is in the document now, as the server says: a value that does not change afterwards. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`, their own in this document while there are enough; `labelColour` says what is readable on it. */
  readonly colour: string;
  /** As active as the most active of their pages. */
  readonly status: Status;
  /** What their application shows of them. */
  readonly state: PresenceState;
  /** Where their cursor was when they last moved it, in the text as it was here then. */
  readonly cursor?: LineColumn;
  /** What they had selected then, its end at the cursor; absent when nothing was. */
  readonly selection?: { readonly anchor: LineColumn; readonly head: LineColumn };
}

/** Another user's cursor in the text as it is now, in UTF-16 units; nothing is selected where both ends are the same. */
export interface PersonCursor {
  readonly person: Person;
  /** Where the selection begins. */
  readonly anchor: number;
  /** Where it ends, which is where the cursor is. */
  readonly head: number;
}

/** What the server says of people. */
export type PeopleMessage = UserMessage | PresenceMessage;

/** The text in which cursors stand. @throws {CrdtError} `UNKNOWN_ID` from `offsetOf`. */
export interface Places {
  offsetOf(anchor: Anchor): number;
  lineColumnAt(offset: number): LineColumn;
}

/** A person, and what their cursor holds on to. */
interface Known {
  readonly person: Person;
  readonly at: AnchoredCursor | undefined;
}

/** Who is in the document. Nobody is while there is no line: what is not known is not shown. */
export class People {
  readonly #people = new Map<string, Known>();

  /** Everyone, by user id, in the order in which they came. A copy. */
  get all(): ReadonlyMap<string, Person> {
    return new Map([...this.#people].map(([id, { person }]) => [id, person]));
  }

  /** Starts anew with those who are there. */
  restart(users: readonly UserState[], places: Places): void {
    this.#people.clear();
    for (const user of users) this.#people.set(user.user_id, knownOf(user, places));
  }

  /** Takes in one message. What is said of somebody who has left changes nothing. */
  hear(message: PeopleMessage, places: Places): void {
    const { user_id: id } = message;
    switch (message.type) {
      case "user_left":
        this.#people.delete(id);
        break;
      case "user_joined":
        this.#people.set(id, this.#people.get(id) ?? newcomer(message));
        break;
      case "presence_update":
        for (const user of message.users) this.#change(user, places);
    }
  }

  /** The cursors of everybody but `self`. Cost: O(people). */
  cursors(self: string, places: Places): readonly PersonCursor[] {
    return [...this.#people.values()].flatMap(({ person, at }) => {
      const offsets = person.id === self ? undefined : offsetsOf(at, places);
      return offsets === undefined ? [] : [{ person, ...offsets }];
    });
  }

  #change(change: UserChange, places: Places): void {
    const known = this.#people.get(change.user_id);
    if (known !== undefined) this.#people.set(change.user_id, changed(known, change, places));
  }
}

function knownOf({ user_id: id, name, colour, idle, selection, ...rest }: UserState, places: Places): Known {
  const { status = idle ? "idle" : "active", state = {} } = rest;
  return standing({ id, name, colour, status, state }, selection, places);
}

function newcomer({ user_id: id, name, colour }: UserMessage): Known {
  return { person: { id, name, colour, status: "active", state: {} }, at: undefined };
}

function changed({ person, at }: Known, change: UserChange, places: Places): Known {
  const { name = person.name, status = person.status, state = person.state, selection } = change;
  const next = { ...person, name, status, state };
  return selection === undefined ? { person: next, at } : standing(next, selection ?? undefined, places);
}

/** The person with their cursor where `at` says. */
function standing(person: Person, at: AnchoredCursor | undefined, places: Places): Known {
  const { cursor: _cursor, selection: _selection, ...rest } = person;
  const offsets = offsetsOf(at, places);
  if (offsets === undefined) return { person: rest, at };
  const cursor = places.lineColumnAt(offsets.head);
  const anchor = places.lineColumnAt(offsets.anchor);
  const isEmpty = offsets.anchor === offsets.head;
  return { person: { ...rest, cursor, ...(!isEmpty && { selection: { anchor, head: cursor } }) }, at };
}

/** Where a cursor stands now; `undefined` for none, and for one in text that has not come yet. */
function offsetsOf(at: AnchoredCursor | undefined, places: Places) {
  if (at === undefined) return undefined;
  try {
    const head = places.offsetOf(at.head);
    return { anchor: at.from === undefined ? head : places.offsetOf(at.from), head };
  } catch {
    return undefined;
  }
}
