import { VersionVector } from "@motet/crdt-core";
import type { ClientError } from "./errors.js";

/** Somebody who wants to know when the server is as far as `target`. */
interface Waiter {
  target: VersionVector;
  readonly resolve: () => void;
  readonly reject: (error: ClientError) => void;
}

/** Those who wait for the server: until it is there, or has acknowledged what had been made when they asked. */
export class Waiters {
  #waiters: Waiter[] = [];

  /** Resolves once {@link settle} finds `target` reached; rejects when that can no longer happen. */
  wait(target = new VersionVector()): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ target, resolve, reject }));
  }

  /** Lets go of those of whom `isReached` holds. */
  settle(isReached: (target: VersionVector) => boolean = () => true): void {
    const done = this.#waiters.filter(({ target }) => isReached(target));
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
