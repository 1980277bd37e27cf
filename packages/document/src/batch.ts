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

/** What gathers for one entry in the store, and who waits for it, in the order in which they came. */
export class Batch implements DocumentEntry {
  readonly bindings: Binding[] = [];
  readonly arrivals: Arrival[] = [];
  readonly messages: AcceptedMessage[] = [];
  readonly names: NamedVersion[] = [];
  readonly requests: AcceptedRequest[] = [];
  readonly access: AccessRule[] = [];
  readonly retired: readonly [] = [];
  readonly updates: Uint8Array[] = [];
  /** Replicas that clients brought: each is claimed in an entry of its own before anything of it is stored. */
  readonly claims: Binding[] = [];
  readonly waiting: (Commit | Waiting)[] = [];
  /** Bytes of updates, a measure of memory. */
  bytes = 0;
  /** Whether this is what the document begins with: of two nodes that try at once, the store lets one. */
  isCreation = false;

  /** Whether there is anything to store. */
  get hasEntry(): boolean {
    const { bindings, arrivals, messages, names, requests, access, updates } = this;
    return [bindings, arrivals, messages, names, requests, access, updates].some((part) => part.length > 0);
  }

  /** Adds an accepted change and all that is to be stored of it. */
  addCommit(commit: Commit): void {
    const { change, update, atMs, user, message } = commit;
    for (const { replica, from, to } of change.applied) this.arrivals.push({ replica, from, to, atMs });
    if (message !== undefined) this.messages.push({ user, ...message });
    if (update.length > 0) this.updates.push(update);
    this.bytes += update.length;
    this.waiting.push(commit);
  }

  /** Adds a change that stands in the store already: it is told in its turn. */
  addForeign(commit: Commit): void {
    this.waiting.push(commit);
  }

  /** Adds operations that have taken effect because of what another node stored, and that this one has to store. */
  addFreed(arrivals: readonly Arrival[], update: Uint8Array): void {
    this.arrivals.push(...arrivals);
    this.updates.push(update);
    this.bytes += update.length;
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
    let commits: Commit[] = [];
    const flush = () => {
      const run = commits;
      commits = [];
      if (run.length > 0) isolated(() => committed(run));
    };
    for (const one of this.waiting) {
      if (isCommit(one)) commits.push(one);
      else {
        flush();
        isolated(one.publish);
      }
    }
    flush();
  }

  /** Lets those who wait for more than a commit know that it will not be. */
  fail(error: DocumentError): void {
    for (const one of this.waiting) if (!isCommit(one)) isolated(() => one.failed(error));
  }
}

function isCommit(one: Commit | Waiting): one is Commit {
  return "change" in one;
}

/** Calls a listener; what it throws is no business of whoever calls it. */
export function isolated(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    void Promise.reject(error); // An unhandled rejection: the process decides what a broken listener means.
  }
}
