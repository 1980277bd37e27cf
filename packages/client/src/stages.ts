import type { ItemId, ReplicaId, VersionVector } from "@motet/crdt-core";
import type { Document, LoggedOperation } from "@motet/document";
import { before } from "./version-gaps.js";

/** What a row takes beside what it says, in bytes, at most. */
const ROW_BYTES = 48;

/** What a character, or its deletion, takes at most. */
const CHARACTER_BYTES = 4;

/**
 * Versions on the way from `since` to all that the document has, each at most some `bytesMax` bytes after the one before it. Nothing that is
 * in one depends on what only a later one has, and text without its characters is deleted in the one that brings it, which may then
 * be larger. Cost: O(operations), and a look at each replica for every time that one builds on another.
 */
export function stagesOf(document: Document, since: VersionVector, bytesMax: number): VersionVector[] {
  return [...walked(document, since, document.version, bytesMax).stages, document.version];
}

/** How often is looked anew for what has to stay behind with what stays behind. */
const ROUNDS_MAX = 32;

/**
 * As much of `until` as can be told to who has `since`: with all that it builds on, and text without its characters only where it is deleted
 * in it. Nothing where that is not found soon. Cost: O(operations) for each time that something stays behind because something else does.
 */
export function deliverable(document: Document, since: VersionVector, until: VersionVector): VersionVector {
  let to = until;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { known, undeleted } = walked(document, since, to, Number.POSITIVE_INFINITY);
    if (undeleted.size === 0) return known;
    for (const id of undeleted.values()) if (to.includes(id)) to = before(to, id);
  }
  return since;
}

/** Whether characters were left out: of text that was deleted before its reader came, or was trimmed. */
export function isLeftOut({ operation }: LoggedOperation): boolean {
  return operation.type === "insert" && operation.text === "";
}

/** Goes as far as everybody can, each along what they made, in order. */
function walked(document: Document, since: VersionVector, until: VersionVector, bytesMax: number): Road {
  const lanes = new Map<ReplicaId, LoggedOperation[]>();
  for (const logged of document.operations(since, until)) {
    const lane = lanes.get(logged.id.replica);
    if (lane === undefined) lanes.set(logged.id.replica, [logged]);
    else lane.push(logged);
  }
  const road = new Road(since, bytesMax);
  for (const lane of lanes.values()) lane.reverse();
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const lane of lanes.values()) {
      for (let next = lane.at(-1); next !== undefined && road.leadsTo(next); next = lane.at(-1)) {
        road.pass(next);
        lane.pop();
        hasMoved = true;
      }
    }
  }
  return road;
}

/** How far everybody has come. */
class Road {
  readonly stages: VersionVector[] = [];
  readonly known: VersionVector;
  readonly #bytesMax: number;
  #room: number;
  /** Text without its characters that is not deleted yet. */
  readonly undeleted = new Map<string, ItemId>();

  constructor(since: VersionVector, bytesMax: number) {
    this.known = since.copy();
    this.#bytesMax = bytesMax;
    this.#room = bytesMax;
  }

  /** Whether all that an operation builds on has come. */
  leadsTo({ operation, length }: LoggedOperation): boolean {
    if (operation.type === "insert") return this.#has(operation.left) && this.#has(operation.right);
    if (operation.type !== "delete") return true;
    const { target, direction } = operation;
    return this.#has(direction === 1 ? { ...target, seq: target.seq + length - 1 } : target);
  }

  /** Goes on by an operation. A long run goes in parts: every beginning of it stands by itself. */
  pass(logged: LoggedOperation): void {
    const { id, length, operation } = logged;
    const isText = operation.type === "insert" || operation.type === "delete";
    const bytes = isText ? CHARACTER_BYTES : 3 * JSON.stringify(operation).length;
    const part = isLeftOut(logged) ? length : PART;
    for (let done = 0; done < length; done += part) {
      const count = Math.min(part, length - done);
      this.#advance(id.replica, id.seq + done + count - 1, ROW_BYTES + count * bytes);
    }
    this.#note(logged);
  }

  /** Notes what has come without its characters, and what is deleted. */
  #note(logged: LoggedOperation): void {
    const { id, length, operation } = logged;
    const isDeletion = operation.type === "delete";
    if (isDeletion ? this.undeleted.size === 0 : !isLeftOut(logged)) return;
    const [{ replica, seq }, step] = isDeletion ? [operation.target, operation.direction] : [id, 1];
    for (let n = 0; n < length; n++) {
      const element = { replica, seq: seq + n * step };
      const name = `${replica} ${element.seq}`;
      if (isDeletion) this.undeleted.delete(name);
      else this.undeleted.set(name, element);
    }
  }

  #has(id: ItemId | null | undefined): boolean {
    return !id || this.known.get(id.replica) >= id.seq;
  }

  #advance(replica: ReplicaId, seq: number, bytes: number): void {
    if (this.#room < bytes && this.#room < this.#bytesMax && this.undeleted.size === 0) {
      this.stages.push(this.known.copy());
      this.#room = this.#bytesMax;
    }
    this.known.advance(replica, seq);
    this.#room -= bytes;
  }
}

/** Characters of a run that are not parted. */
const PART = 4_096;
