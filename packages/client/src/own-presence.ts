import type { Anchor, LineColumn, Side } from "@motet/crdt-core";
import type { Addressed, AnchoredCursor, ControlMessage, PresenceState, Status } from "@motet/transport";

/** What a user says of themselves; what is absent stays as it was. */
export interface PresenceUpdate {
  readonly status?: Status;
  /** Free-form, for the application; replaced whole. At most 1 KiB as JSON. */
  readonly state?: PresenceState;
}

/** What is selected, in UTF-16 units from the start of the text; both ends are the same for a mere cursor. */
export interface Selection {
  /** Where it begins. */
  readonly anchor: number;
  /** Where it ends, which is where the cursor is. */
  readonly head: number;
}

/** Makes anchors. @throws {CrdtError} `OUT_OF_RANGE`. */
export interface Anchors {
  anchorAt(offset: number, side: Side): Anchor;
}

/** Where this user is and what they say of themselves: told once a turn, and again on each new line. */
export class OwnPresence {
  /** `undefined` until there was one, `null` when there is none any more. */
  #cursor: AnchoredCursor | LineColumn | null | undefined;
  #said: PresenceUpdate = {};
  #isCursorNew = false;
  #isSaidNew = false;

  /** A cursor in lines and columns, for the server to place. */
  move(cursor: LineColumn): void {
    this.#cursor = cursor;
    this.#isCursorNew = true;
  }

  /** @throws {CrdtError} `OUT_OF_RANGE` for what is not in the text or inside a character. */
  select(selection: Selection | undefined, anchors: Anchors): void {
    const cursor = selection === undefined ? null : anchored(selection, anchors);
    if (isSame(cursor, this.#cursor)) return;
    this.#cursor = cursor;
    this.#isCursorNew = true;
  }

  /** The characters that the cursor held on to are no more: it is nowhere, until it is moved. */
  letGo(): void {
    this.#cursor = undefined;
    this.#isCursorNew = false;
  }

  say(update: PresenceUpdate): void {
    this.#said = { ...this.#said, ...update };
    this.#isSaidNew = true;
  }

  /** A new line: the server has forgotten. */
  restart(): void {
    this.#isCursorNew = (this.#cursor ?? undefined) !== undefined;
    this.#isSaidNew = Object.keys(this.#said).length > 0;
  }

  /** What is to be told, newest only. */
  take(address: Addressed): readonly ControlMessage[] {
    const messages: ControlMessage[] = [];
    if (this.#isSaidNew) messages.push({ type: "presence_update", ...address, ...this.#said });
    if (this.#isCursorNew) messages.push(cursorMessage(address, this.#cursor ?? {}));
    this.#isCursorNew = false;
    this.#isSaidNew = false;
    return messages;
  }
}

function cursorMessage(address: Addressed, cursor: AnchoredCursor | LineColumn | object): ControlMessage {
  if ("line" in cursor) return { type: "cursor_move", ...address, ...(cursor as LineColumn) };
  return { type: "selection", ...address, ...cursor };
}

// What others type at an end of a selection stays outside of it, and behind a mere cursor, as in editors.
function anchored({ anchor, head }: Selection, anchors: Anchors): AnchoredCursor {
  if (anchor === head) return { head: anchors.anchorAt(head, "left") };
  const [fromSide, headSide]: [Side, Side] = anchor < head ? ["right", "left"] : ["left", "right"];
  return { head: anchors.anchorAt(head, headSide), from: anchors.anchorAt(anchor, fromSide) };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
