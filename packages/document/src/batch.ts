import type { AcceptedMessage } from "./accepted-messages.js";
import type { AcceptedRequest } from "./accepted-requests.js";
import type { AccessRule } from "./access-list.js";
import type { Arrival } from "./arrival-log.js";
import type { Commit } from "./commit.js";
import type { DocumentEntry } from "./document-entry.js";
import type { DocumentError } from "./errors.js";
import type { Binding } from "./replica-bindings.js";
import type { NamedVersion } from "./version-names.js";

/** Something that waits until everything before it is durable. */
export interface Waiting {
  readonly publish: () => void;
  readonly failed: (error: DocumentError) => void;
}

/**
 * What gathers for one entry in the store, and who waits for it, in the order in which they came. Where few people type there is
 * one for each edit, and most of its lists stay empty: those are no lists of their own.
 */
export class Batch implements DocumentEntry {
  bindings: readonly Binding[] = NONE;
  arrivals: readonly Arrival[] = NONE;
  messages: readonly AcceptedMessage[] = NONE;
  names: readonly NamedVersion[] = NONE;
  requests: readonly AcceptedRequest[] = NONE;
  access: readonly AccessRule[] = NONE;
  readonly retired: readonly [] = NONE;
  updates: readonly Uint8Array[] = NONE;
  /** Replicas that clients brought: each is claimed in an entry of its own before anything of it is stored. */
  claims: readonly Binding[] = NONE;
  waiting: readonly (Commit | Waiting)[] = NONE;
  /** Bytes of updates, a measure of memory. */
  bytes = 0;
  /** Whether this is what the document begins with: of two nodes that try at once, the store lets one. */
  isCreation = false;

  /** Whether there is anything to store. */
  get hasEntry(): boolean {
    const { bindings, arrivals, messages, names, requests, access, updates } = this;
    const said = arrivals.length + updates.length + messages.length + bindings.length;
    return said + names.length + requests.length + access.length > 0;
  }

  /** Adds an accepted change and all that is to be stored of it. */
  addCommit(commit: Commit): void {
    const { change, update, atMs, user, message } = commit;
    for (const { replica, from, to } of change.applied) {
      this.arrivals = appended(this.arrivals, { replica, from, to, atMs });
    }
    if (message !== undefined) this.messages = appended(this.messages, { user, ...message });
    if (update.length > 0) this.updates = appended(this.updates, update);
    this.bytes += update.length;
    this.waiting = appended(this.waiting, commit);
  }

  /** Adds a change that stands in the store already: it is told in its turn. */
  addForeign(commit: Commit): void {
    this.waiting = appended(this.waiting, commit);
  }

  /** Adds operations that have taken effect because of what another node stored, and that this one has to store. */
  addFreed(arrivals: readonly Arrival[], update: Uint8Array): void {
    for (const arrival of arrivals) this.arrivals = appended(this.arrivals, arrival);
    this.updates = appended(this.updates, update);
    this.bytes += update.length;
  }

  /** Adds a replica under which this node writes. */
  addBinding(binding: Binding): void {
    this.bindings = appended(this.bindings, binding);
  }

  /** Adds a replica that a client brought. */
  addClaim(claim: Binding): void {
    this.claims = appended(this.claims, claim);
  }

  /** Adds a name of a state. */
  addName(named: NamedVersion): void {
    this.names = appended(this.names, named);
  }

  /** Adds a request that was carried out. */
  addRequest(request: AcceptedRequest): void {
    this.requests = appended(this.requests, request);
  }

  /** Adds what somebody may do. */
  addRule(rule: AccessRule): void {
    this.access = appended(this.access, rule);
  }

  /** Adds somebody who wants to be told. */
  addWaiting(waiting: Waiting): void {
    this.waiting = appended(this.waiting, waiting);
  }

  /** The changes in it, in order. */
  get commits(): readonly Commit[] {
    return this.waiting.filter(isCommit);
  }

  /**
   * Lets everybody know, in order; commits that follow each other in one call.
   * A listener that throws does not keep the others from hearing: its error is thrown on its own, for the process to see.
   */
  publish(committed: (commits: readonly Commit[]) => void): void {
    const { waiting } = this;
    for (let from = 0; from < waiting.length; ) {
      const one = waiting[from]!;
      const to = isCommit(one) ? endOfCommits(waiting, from) : from + 1;
      const commits = to - from === waiting.length ? waiting : waiting.slice(from, to);
      isolated(isCommit(one) ? () => committed(commits as readonly Commit[]) : one.publish);
      from = to;
    }
  }

  /** Lets those who wait for more than a commit know that it will not be. */
  fail(error: DocumentError): void {
    for (const one of this.waiting) if (!isCommit(one)) isolated(() => one.failed(error));
  }
}

/** Shared by all batches: see {@link appended}. */
const NONE: readonly [] = [];

/** The list with one more in it. The first one makes a list of its own, exactly as long as it has to be: an array that is pushed to begins with room for 17. */
function appended<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one); // Not {@link NONE}, which is empty: one that was made here.
  return list;
}

function isCommit(one: Commit | Waiting): one is Commit {
  return "change" in one;
}

/** Where the commits end that begin at `from`. */
function endOfCommits(waiting: readonly (Commit | Waiting)[], from: number): number {
  let to = from;
  while (to < waiting.length && isCommit(waiting[to]!)) to++;
  return to;
}

/** Calls a listener; what it throws is no business of whoever calls it. */
export function isolated(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    void Promise.reject(error); // An unhandled rejection: the process decides what a broken listener means.
  }
}
