import { type DeleteOperation, deletionsOf, type ItemId, type ReplicaId, Update } from "@motet/crdt-core";
import type { Document } from "./document.js";

/** A deletion of elements with neighbouring ids, and how its own ids go along them. */
interface Stretch {
  /** The seqs of the elements, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** The deletion of the element `from`. */
  readonly first: ItemId;
  /** From one element to the next the seq of its deletion goes up, or, where people deleted backwards, down. */
  readonly step: 1 | -1;
}

/** A deletion of one element, which its neighbours share, each with the deletion's next seq (or, for -1, the one before). */
export interface Deletion {
  readonly id: ItemId;
  readonly step: 1 | -1;
}

/** All deletions of a document, by what they delete: more than one of an element where people deleted the same at once. */
export class Deletions {
  readonly #stretches = new Map<ReplicaId, Stretch[]>();
  /** For each stretch how far it and those before it reach: where looking back for others that cover an element can end. */
  readonly #reach = new Map<ReplicaId, number[]>();

  /** Reads the whole log, and passes over its text. Cost: O(operations). */
  constructor(document: Document) {
    for (const deletion of deletionsOf(Update.decode(document.encode()))) this.#add(deletion);
    for (const [replica, stretches] of this.#stretches) {
      stretches.sort((left, right) => left.from - right.from);
      let furthest = 0;
      const reach = stretches.map(({ to }) => {
        furthest = Math.max(furthest, to);
        return furthest;
      });
      this.#reach.set(replica, reach);
    }
  }

  /** The deletions of the element `id`, and the last seq behind it up to which elements share them all. */
  of({ replica, seq }: ItemId): { readonly deletions: readonly Deletion[]; readonly to: number } {
    const stretches = this.#stretches.get(replica) ?? [];
    const next = countFrom(stretches, seq);
    const deletions: Deletion[] = [];
    let to = (stretches[next]?.from ?? Number.POSITIVE_INFINITY) - 1;
    for (let at = next - 1; at >= 0 && this.#reach.get(replica)![at]! >= seq; at--) {
      const stretch = stretches[at]!;
      if (stretch.to < seq) continue;
      deletions.push(deletionIn(stretch, seq));
      to = Math.min(to, stretch.to);
    }
    return { deletions, to };
  }

  #add({ id, length, target, direction }: DeleteOperation): void {
    const lastStep = length - 1;
    const stretch: Stretch =
      direction === 1
        ? { from: target.seq, to: target.seq + lastStep, first: id, step: 1 }
        : { from: target.seq - lastStep, to: target.seq, first: { ...id, seq: id.seq + lastStep }, step: -1 };
    const known = this.#stretches.get(target.replica);
    if (known === undefined) this.#stretches.set(target.replica, [stretch]);
    else known.push(stretch);
  }
}

/** How many stretches begin at `seq` or before it. */
function countFrom(stretches: readonly Stretch[], seq: number): number {
  let [low, high] = [0, stretches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.from <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function deletionIn({ from, first, step }: Stretch, seq: number): Deletion {
  return { id: { replica: first.replica, seq: first.seq + step * (seq - from) }, step };
}
