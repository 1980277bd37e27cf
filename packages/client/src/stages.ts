import type { ItemId, ReplicaId, VersionVector } from "@motet/crdt-core";
import type { Document, LoggedOperation } from "@motet/document";

/** What a row takes beside what it says, in bytes, at most. */
const ROW_BYTES = 48;

/** What a character, or its deletion, takes at most. */
const CHARACTER_BYTES = 4;

/**
 * Versions on the way from `since` to all that the document has, each at most some `bytesMax` bytes after the one before it. Nothing that is
 * in one depends on what only a later one has. Cost: O(operations), and a look at each replica for every time that one builds on another.
 */
export function stagesOf(document: Document, since: VersionVector, bytesMax: number): VersionVector[] {
  const lanes = new Map<ReplicaId, Lane>();
  for (const logged of document.operations(since)) {
    const lane = lanes.get(logged.id.replica) ?? new Lane();
    lanes.set(logged.id.replica, lane);
    lane.operations.push(logged);
  }
  const road = new Road(since, bytesMax);
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const lane of lanes.values()) hasMoved = lane.walk(road) || hasMoved;
  }
  return [...road.stages, document.version];
}

/** How far everybody has come. */
class Road {
  readonly stages: VersionVector[] = [];
  readonly #known: VersionVector;
  readonly #bytesMax: number;
  #room: number;

  constructor(since: VersionVector, bytesMax: number) {
    this.#known = since.copy();
    this.#bytesMax = bytesMax;
    this.#room = bytesMax;
  }

  has(id: ItemId | null | undefined): boolean {
    return !id || this.#known.get(id.replica) >= id.seq;
  }

  /** Goes on by operations of one replica up to `seq`, which take so many bytes at most. */
  advance(replica: ReplicaId, seq: number, bytes: number): void {
    if (this.#room < bytes && this.#room < this.#bytesMax) {
      this.stages.push(this.#known.copy());
      this.#room = this.#bytesMax;
    }
    this.#known.advance(replica, seq);
    this.#room -= bytes;
  }
}

/** What one replica made, in order. */
class Lane {
  readonly operations: LoggedOperation[] = [];
  #at = 0;

  /** Goes as far as what it builds on is there; whether that is any further. */
  walk(road: Road): boolean {
    const from = this.#at;
    for (let next = this.operations[this.#at]; next !== undefined && isReady(next, road); ) {
      pass(next, road);
      this.#at++;
      next = this.operations[this.#at];
    }
    return this.#at > from;
  }
}

function isReady({ operation, length }: LoggedOperation, road: Road): boolean {
  if (operation.type === "insert") return road.has(operation.left) && road.has(operation.right);
  if (operation.type !== "delete") return true;
  const { target, direction } = operation;
  return road.has(direction === 1 ? { ...target, seq: target.seq + length - 1 } : target);
}

/** A long run in parts: every beginning of it stands by itself. */
function pass({ id, length, operation }: LoggedOperation, road: Road): void {
  if (operation.type !== "insert" && operation.type !== "delete") {
    road.advance(id.replica, id.seq, ROW_BYTES + 3 * JSON.stringify(operation).length);
    return;
  }
  for (let done = 0; done < length; done += PART) {
    const count = Math.min(PART, length - done);
    road.advance(id.replica, id.seq + done + count - 1, ROW_BYTES + count * CHARACTER_BYTES);
  }
}

/** Characters of a run that are not parted. */
const PART = 4_096;
