import type { ItemId, ReplicaId } from "@motet/crdt-core";

/** Characters that were inserted anew in the place of deleted ones: whoever means the old one means the new one. */
export class Successors {
  readonly #next = new Map<ReplicaId, Map<number, ItemId>>();

  /** From now on `id`, and whatever it stood for, is `successor`. */
  set(id: ItemId, successor: ItemId): void {
    const ofReplica = this.#next.get(id.replica) ?? new Map<number, ItemId>();
    this.#next.set(id.replica, ofReplica.set(id.seq, successor));
  }

  /** What stands for `id` now; itself if nothing does. */
  of(id: ItemId): ItemId {
    let latest = id;
    for (;;) {
      const next = this.#next.get(latest.replica)?.get(latest.seq);
      if (next === undefined) break;
      latest = next;
    }
    // Shorten the way for the next time: undoing and redoing again and again would make it ever longer.
    if (latest !== id) this.set(id, latest);
    return latest;
  }
}
