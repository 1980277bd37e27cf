import type {
  CursorMessage,
  LineColumn,
  PresenceMessage,
  PresenceState,
  Status,
  UserMessage,
  UserState,
} from "@motet/transport";

/** A user who is in the document now, as the server says: a value that does not change afterwards. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly status: Status;
  /** What their application shows of them. */
  readonly state: PresenceState;
  /** Where their cursor was when they last moved it, in the text as they had it then. */
  readonly cursor?: LineColumn;
}

/** What the server says of people. */
export type PeopleMessage = UserMessage | CursorMessage | PresenceMessage;

/** Who is in the document. Nobody is while there is no line: what is not known is not shown. */
export class People {
  readonly #people = new Map<string, Person>();

  /** Everyone, by user id, in the order in which they came. A copy. */
  get all(): ReadonlyMap<string, Person> {
    return new Map(this.#people);
  }

  /** Starts anew with those who are there. */
  restart(users: readonly UserState[]): void {
    this.#people.clear();
    for (const user of users) this.#people.set(user.user_id, personOf(user));
  }

  /** Takes in one message. A cursor of somebody who has left changes nothing. */
  hear(message: PeopleMessage): void {
    const { user_id: id } = message;
    const known = this.#people.get(id);
    switch (message.type) {
      case "user_left":
        this.#people.delete(id);
        break;
      case "user_joined":
        this.#people.set(id, known ?? newcomer(message));
        break;
      case "cursor_move":
      case "presence_update":
        if (known !== undefined) this.#people.set(id, moved(known, message));
    }
  }
}

function personOf({ user_id: id, name, colour, idle, cursor, ...rest }: UserState): Person {
  const { status = idle ? "idle" : "active", state = {} } = rest;
  return { id, name, colour, status, state, ...(cursor && { cursor }) };
}

function newcomer({ user_id: id, name, colour }: UserMessage): Person {
  return { id, name, colour, status: "active", state: {} };
}

function moved(person: Person, message: CursorMessage | PresenceMessage): Person {
  if (message.type === "presence_update") {
    return { ...person, status: message.status, state: message.state };
  }
  const { name, colour, line, column } = message;
  return { ...person, name, colour, cursor: { line, column } };
}
