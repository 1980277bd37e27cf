import type { VersionVector } from "@motet/crdt-core";
import type { ClientError } from "./errors.js";

/** Somebody who wants to know when what they did is saved. */
interface Waiter {
  target: VersionVector;
  readonly resolve: () => void;
  readonly reject: (error: ClientError) => void;
}

/** Those who wait until what had been made when they asked is acknowledged. */
export class Savings {
  #waiters: Waiter[] = [];

  /** Resolves once everything in `target` is acknowledged; rejects when that can no longer happen. */
  wait(target: VersionVector): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ target, resolve, reject }));
  }

  /** Lets go of those of whom `isAcknowledged` holds. */
  settle(isAcknowledged: (target: VersionVector) => boolean): void {
    const done = this.#waiters.filter(({ target }) => isAcknowledged(target));
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  }

  /** What they wait for was done again, and is in `target` now. */
  retarget(target: VersionVector): void {
    for (const waiter of this.#waiters) waiter.target = target.copy();
  }

  /** It will not happen. */
  fail(error: ClientError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(error);
  }
}
