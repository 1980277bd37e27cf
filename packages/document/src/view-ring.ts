import { type OperationRange, VersionVector, type View } from "@motet/crdt-core";
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
 */
export class ViewRing {
  readonly #steps: Step[] = [];
  readonly #max: number;
  #number: number;

  /** @param number The number of the state in which the ring begins. @param max How many steps it keeps. */
  constructor(number: number, max: number) {
    this.#number = number;
    this.#max = max;
  }

  /** Notes what happened. A step without operations is not one. */
  push(step: Step): void {
    this.#number = step.after;
    if (step.ranges.length === 0) return;
    this.#steps.push(step);
    // Cut in halves, so that each step is moved at most once on average.
    if (this.#steps.length > 2 * this.#max) this.#steps.splice(0, this.#steps.length - this.#max);
  }

  /**
   * The view that `name` names for `user`, given the state as it is now; `undefined` when that view is the state as it is now.
   * @throws {DocumentError} `STALE_VERSION` when it is too old to be told, `UNKNOWN_VERSION` when there was none of that number.
   */
  resolve(name: ViewName, user: UserId, now: () => VersionVector): View | undefined {
    if (name.version === this.#number) return undefined;
    const since = this.#steps.slice(this.#indexAfter(name.version));
    const isOwn = (step: Step) => step.user === user && step.client === name.client;
    if (since.every(isOwn)) return undefined;
    return {
      version: without(
        now(),
        since.flatMap((step) => step.ranges),
      ),
      own: since.filter(isOwn).flatMap((step) => step.ranges),
    };
  }

  // Numbers rise, so the first step behind the named state is found by bisection.
  #indexAfter(version: number): number {
    let [low, high] = [0, this.#steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#steps[middle]!.before < version) low = middle + 1;
      else high = middle;
    }
    if (this.#steps[low]?.before === version) return low;
    if (version < (this.#steps[0]?.before ?? this.#number)) {
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
