import { type OperationRange, type ReplicaId, VersionVector, type View } from "@motet/crdt-core";
import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";

/** Which text a client's position counts in: the one numbered `version`, plus what that client did since. */
export interface ViewName {
  /** The number of the state that the client took in last, as this server numbered it. */
  readonly version: number;
  /** The client's own name, one for each instance: its own operations since then belong to its view. */
  readonly client: string;
}

/** What one commit brought, and who saw it happen as their own doing. */
export interface Step {
  /** The number of the state before it. */
  readonly before: number;
  /** The number of the state after it. */
  readonly after: number;
  readonly ranges: readonly OperationRange[];
  readonly user: UserId;
  readonly client: string | undefined;
}

/**
 * The last steps of a document, so that a position that counts in a text of some moments ago lands where its author
 * meant it. Bounded: a view older than the ring is refused, and the client joins again.
 *
 * One row for each range of a step, in columns: thousands of small objects that live for minutes are what the collector
 * would copy most.
 */
export class ViewRing {
  readonly #befores: number[] = [];
  readonly #replicas: ReplicaId[] = [];
  readonly #froms: number[] = [];
  readonly #tos: number[] = [];
  readonly #users: UserId[] = [];
  readonly #clients: (string | undefined)[] = [];
  readonly #max: number;
  #number: number;

  /** @param number The number of the state in which the ring begins. @param max How many ranges it keeps at least. */
  constructor(number: number, max: number) {
    this.#number = number;
    this.#max = max;
  }

  /** Notes what happened. A step without operations is not one. */
  push({ before, after, ranges, user, client }: Step): void {
    this.#number = after;
    for (const { replica, from, to } of ranges) {
      this.#befores.push(before);
      this.#replicas.push(replica);
      this.#froms.push(from);
      this.#tos.push(to);
      this.#users.push(user);
      this.#clients.push(client);
    }
    // Cut in halves, so that each row is moved at most once on average.
    if (this.#befores.length > 2 * this.#max) this.#cut(this.#befores.length - this.#max);
  }

  /**
   * The view that `name` names for `user`, given the state as it is now; `undefined` when that view is the state as it is now.
   * @throws {DocumentError} `STALE_VERSION` when it is too old to be told, `UNKNOWN_VERSION` when there was none of that number.
   */
  resolve(name: ViewName, user: UserId, now: () => VersionVector): View | undefined {
    if (name.version === this.#number) return undefined;
    const since: OperationRange[] = [];
    const own: OperationRange[] = [];
    for (let row = this.#rowAfter(name.version); row < this.#befores.length; row++) {
      const range = { replica: this.#replicas[row]!, from: this.#froms[row]!, to: this.#tos[row]! };
      since.push(range);
      if (this.#users[row] === user && this.#clients[row] === name.client) own.push(range);
    }
    return own.length === since.length ? undefined : { version: without(now(), since), own };
  }

  /** Takes out the first `count` rows, and what else belongs to the step of the last of them. */
  #cut(count: number): void {
    let end = count;
    while (this.#befores[end] === this.#befores[end - 1]) end++;
    for (const column of this.#columns()) column.splice(0, end);
  }

  #columns(): readonly unknown[][] {
    return [this.#befores, this.#replicas, this.#froms, this.#tos, this.#users, this.#clients];
  }

  // Numbers rise, so the first row behind the named state is found by bisection.
  #rowAfter(version: number): number {
    let [low, high] = [0, this.#befores.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#befores[middle]! < version) low = middle + 1;
      else high = middle;
    }
    if (this.#befores[low] === version) return low;
    if (version < (this.#befores[0] ?? this.#number)) {
      throw new DocumentError("STALE_VERSION", `version ${version} is too old to place an edit in`);
    }
    throw new DocumentError("UNKNOWN_VERSION", `there was no version ${version} here`);
  }
}

/** The state before `ranges`, which are the last that arrived of their replicas. */
export function without(version: VersionVector, ranges: readonly OperationRange[]): VersionVector {
  const first = new Map<string, number>();
  for (const { replica, from } of ranges) first.set(replica, Math.min(from, first.get(replica) ?? from));
  const kept = [...version].map(([replica, seq]) => [replica, (first.get(replica) ?? seq + 1) - 1] as const);
  return new VersionVector(kept.filter(([, seq]) => seq > 0));
}

/** Whether two lists name the same operations in the same order. */
export function sameRanges(left: readonly OperationRange[], right: readonly OperationRange[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ replica, from, to }, at) => {
      const other = right[at]!;
      return replica === other.replica && from === other.from && to === other.to;
    })
  );
}
