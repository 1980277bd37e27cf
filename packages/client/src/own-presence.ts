import type { Addressed, ControlMessage, LineColumn, PresenceState, Status } from "@motet/transport";

/** What a user says of themselves; what is absent stays as it was. */
export interface PresenceUpdate {
  readonly status?: Status;
  /** Free-form, for the application; replaced whole. At most 1 KiB as JSON. */
  readonly state?: PresenceState;
}

/** Where this user is and what they say of themselves: told once a turn, and again on each new line. */
export class OwnPresence {
  #cursor: LineColumn | undefined;
  #said: PresenceUpdate = {};
  #isCursorNew = false;
  #isSaidNew = false;

  move(cursor: LineColumn): void {
    this.#cursor = cursor;
    this.#isCursorNew = true;
  }

  say(update: PresenceUpdate): void {
    this.#said = { ...this.#said, ...update };
    this.#isSaidNew = true;
  }

  /** A new line: the server has forgotten. */
  restart(): void {
    this.#isCursorNew = this.#cursor !== undefined;
    this.#isSaidNew = Object.keys(this.#said).length > 0;
  }

  /** What is to be told, newest only. */
  take(address: Addressed): readonly ControlMessage[] {
    const messages: ControlMessage[] = [];
    if (this.#isSaidNew) messages.push({ type: "presence_update", ...address, ...this.#said });
    if (this.#isCursorNew && this.#cursor)
      messages.push({ type: "cursor_move", ...address, ...this.#cursor });
    this.#isCursorNew = false;
    this.#isSaidNew = false;
    return messages;
  }
}
