import { type ItemId, type ReplicaId, VersionVector } from "@motet/crdt-core";
import type { Document } from "./document.js";

/** For each element that was ever deleted the deletions that name it: more than one where people deleted the same at once. */
export class Deletions {
  readonly #first = new Map<ReplicaId, Map<number, ItemId>>();
  readonly #more = new Map<ReplicaId, Map<number, readonly ItemId[]>>();

  /** Reads the whole log. Cost: O(operations). */
  constructor(document: Document) {
    for (const { id, length, operation } of document.operations(new VersionVector())) {
      if (operation.type !== "delete") continue;
      const { target, direction } = operation;
      for (let step = 0; step < length; step++) {
        const deletion = { replica: id.replica, seq: id.seq + step };
        this.#add({ replica: target.replica, seq: target.seq + step * direction }, deletion);
      }
    }
  }

  /** The deletions of the element `id`, by replica and seq; none for one that is there. */
  of({ replica, seq }: ItemId): readonly ItemId[] {
    const first = this.#first.get(replica)?.get(seq);
    if (first === undefined) return [];
    return [first, ...(this.#more.get(replica)?.get(seq) ?? [])];
  }

  #add(element: ItemId, deletion: ItemId): void {
    const firsts = ofReplica(this.#first, element.replica);
    if (!firsts.has(element.seq)) firsts.set(element.seq, deletion);
    else {
      const more = ofReplica(this.#more, element.replica);
      more.set(element.seq, [...(more.get(element.seq) ?? []), deletion]);
    }
  }
}

function ofReplica<T>(map: Map<ReplicaId, Map<number, T>>, replica: ReplicaId): Map<number, T> {
  const known = map.get(replica) ?? new Map<number, T>();
  if (known.size === 0) map.set(replica, known);
  return known;
}
