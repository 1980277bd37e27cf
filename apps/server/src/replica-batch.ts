import { mergeUpdates, VersionVector } from "@motet/crdt-core";
import type { Commit } from "@motet/document";
import { type ConnectionId, encodeChangesFrame, Frame } from "@motet/transport";
import { connectionOf, type Reached } from "./origin.js";

/** Writers of one batch who are each sent the others' updates alone; see {@link ReplicaBatch}. */
const APART_MAX = 4;

/**
 * One batch of commits, as replicas are told of it: those who wrote nothing in it all get one and the same frame, those
 * who did an acknowledgement and the others' updates. Of a crowd of writers each gets the whole batch, own operations
 * included, which change nothing: to put together each one's others would cost the square of the crowd.
 */
export class ReplicaBatch {
  readonly #commits: readonly Commit[];
  readonly #acknowledged = new Map<ConnectionId, VersionVector>();
  readonly #writers: ReadonlySet<ConnectionId | undefined>;
  /** Commits that hold more than their writer brought. */
  readonly #newsToWriters = new Set<Commit>();
  #shared: Frame | undefined;
  #whole: Uint8Array | undefined;

  constructor(commits: readonly Commit[]) {
    this.#commits = commits.filter(({ update }) => update.length > 0);
    this.#writers = new Set(this.#commits.map(({ origin }) => connectionOf(origin)));
  }

  /** The batch has made what is durable of a connection's operations reach this far. */
  acknowledge(connection: ConnectionId, reached: Iterable<Reached>): void {
    const vector = this.#acknowledged.get(connection) ?? new VersionVector();
    for (const [replica, seq] of reached) if (seq > 0) vector.advance(replica, seq);
    this.#acknowledged.set(connection, vector);
  }

  /** The commit holds operations that had waited for it, which its own writer may not have. */
  tellItsWriter(commit: Commit): void {
    this.#newsToWriters.add(commit);
  }

  /** Bytes of the updates in it. */
  get bytes(): number {
    return this.#commits.reduce((sum, { update }) => sum + update.length, 0);
  }

  /** What a reader is sent; `undefined` when there is nothing new for it. */
  frameFor(reader: ConnectionId): Frame | undefined {
    const own = this.#acknowledged.get(reader);
    if (own !== undefined) return Frame.binary(encodeChangesFrame(own, this.#othersOf(reader)));
    if (this.#commits.length === 0) return undefined;
    this.#shared ??= Frame.binary(encodeChangesFrame(new VersionVector(), this.#all()));
    return this.#shared;
  }

  #othersOf(reader: ConnectionId): Uint8Array | undefined {
    if (!this.#writers.has(reader)) return this.#commits.length === 0 ? undefined : this.#all();
    if (this.#writers.size > APART_MAX) return this.#all();
    const isNews = (commit: Commit) =>
      connectionOf(commit.origin) !== reader || this.#newsToWriters.has(commit);
    return joined(this.#commits.filter(isNews));
  }

  #all(): Uint8Array | undefined {
    this.#whole ??= joined(this.#commits);
    return this.#whole;
  }
}

function joined(commits: readonly Commit[]): Uint8Array | undefined {
  const updates = commits.map(({ update }) => update);
  return updates.length > 1 ? mergeUpdates(updates) : updates[0];
}
