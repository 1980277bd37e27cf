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
  /** Commits that hold more than their writer brought; there hardly ever are any. */
  #newsToWriters: Set<Commit> | undefined;
  #isCrowd: boolean | undefined;
  #shared: Frame | undefined;
  #whole: Uint8Array | undefined;

  constructor(commits: readonly Commit[]) {
    this.#commits = commits.every(hasUpdate) ? commits : commits.filter(hasUpdate);
  }

  /** The batch has made what is durable of a connection's operations reach this far. */
  acknowledge(connection: ConnectionId, reached: Iterable<Reached>): void {
    const vector = this.#acknowledged.get(connection) ?? new VersionVector();
    for (const { replica, to } of reached) if (to > 0) vector.advance(replica, to);
    this.#acknowledged.set(connection, vector);
  }

  /** The commit holds operations that had waited for it, which its own writer may not have. */
  tellItsWriter(commit: Commit): void {
    this.#newsToWriters ??= new Set();
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
    this.#isCrowd ??= isCrowd(this.#commits);
    if (this.#isCrowd) return this.#all();
    const others = this.#commits.filter(
      (commit) => connectionOf(commit.origin) !== reader || this.#newsToWriters?.has(commit),
    );
    return others.length === this.#commits.length ? this.#all() : joined(others);
  }

  #all(): Uint8Array | undefined {
    this.#whole ??= joined(this.#commits);
    return this.#whole;
  }
}

function hasUpdate({ update }: Commit): boolean {
  return update.length > 0;
}

/** Whether more than {@link APART_MAX} have written these. */
function isCrowd(commits: readonly Commit[]): boolean {
  return (
    commits.length > APART_MAX && new Set(commits.map(({ origin }) => connectionOf(origin))).size > APART_MAX
  );
}

function joined(commits: readonly Commit[]): Uint8Array | undefined {
  const updates = commits.map(({ update }) => update);
  return updates.length > 1 ? mergeUpdates(updates) : updates[0];
}
