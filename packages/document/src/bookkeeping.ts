import type { OperationRange, ReplicaId, View } from "@motet/crdt-core";
import type { AcceptedRequest } from "./accepted-requests.js";
import type { AccessRule } from "./access-list.js";
import type { Arrival } from "./arrival-log.js";
import type { Batch } from "./batch.js";
import type { ChangeContext, Commit } from "./commit.js";
import type { DocumentChange } from "./document-change.js";
import type { DocumentRecord } from "./document-record.js";
import type { UserId } from "./ids.js";
import type { DocumentLimits } from "./limits.js";
import type { Operation } from "./operation.js";
import type { NamedVersion } from "./version-names.js";
import { ViewRing, without } from "./view-ring.js";

/** What {@link Bookkeeping} works with. */
export interface BookkeepingOptions {
  readonly record: DocumentRecord;
  readonly limits: DocumentLimits;
  /** What gathers for the next entry. */
  readonly batch: () => Batch;
  /** Hears of each change that was noted. */
  readonly accepted: () => void;
  /** This node, under the name that says which replicas it may go on writing under. */
  readonly node: () => ReplicaId;
  readonly newReplicaId: () => ReplicaId;
}

/** Notes what happens to a document twice: in memory, where it holds at once, and in what gathers for the store. */
export class Bookkeeping {
  readonly #options: BookkeepingOptions;
  readonly #record: DocumentRecord;
  readonly #views: ViewRing;

  constructor(options: BookkeepingOptions) {
    this.#options = options;
    this.#record = options.record;
    this.#views = new ViewRing(options.record.document.versionNumber, options.limits.viewStepsMax);
  }

  /** The text in which an operation's position counts; `undefined` for the text as it is. @throws {DocumentError} `STALE_VERSION`, `UNKNOWN_VERSION`. */
  viewOf({ type }: Operation, { user, view }: ChangeContext): View | undefined {
    if (view === undefined || (type !== "insert" && type !== "delete")) return undefined;
    return this.#views.resolve(view, user, () => this.#record.document.version);
  }

  /** A change took effect. */
  accept(change: DocumentChange, update: Uint8Array, context: ChangeContext): Commit {
    const { user, nowMs: atMs, origin, message, heardMs } = context;
    const { before, version, applied } = change;
    const commit: Commit = { change, update, user, origin, message, version, atMs, heardMs };
    for (const range of applied) this.#record.arrivals.add(range, atMs);
    if (message !== undefined) this.#record.messages.accept({ user, ...message });
    const client = context.client ?? context.view?.client ?? message?.client;
    this.#views.push({ before, after: version, ranges: applied, user, client });
    this.#options.batch().addCommit(commit);
    this.#options.accepted();
    return commit;
  }

  /**
   * A change that another node accepted took effect. Operations of this node's clients that had waited for it and are not in the
   * store come with it.
   */
  acceptForeign(change: DocumentChange, update: Uint8Array, arrivals: readonly Arrival[]): void {
    const { before, version, applied } = change;
    const [first] = applied;
    if (first === undefined) return;
    const user = this.#record.bindings.userOf(first.replica) ?? NOBODY;
    const atMs = arrivals.find(({ replica }) => replica === first.replica)?.atMs ?? 0;
    this.#views.push({ before, after: version, ranges: applied, user, client: undefined });
    const batch = this.#options.batch();
    const { document } = this.#record;
    const freed = applied.flatMap((range) => beyond(range, arrivals)).map((range) => ({ ...range, atMs }));
    if (freed.length > 0) {
      for (const range of freed) this.#record.arrivals.add(range, atMs);
      batch.addFreed(freed, document.encode(without(document.version, freed)));
    }
    const told = freed.length > 0 ? document.encode(without(document.version, applied)) : update;
    batch.addForeign({ change, update: told, user, origin: undefined, version, atMs, isForeign: true });
    this.#options.accepted();
  }

  /** A request was carried out. */
  carriedOut(request: AcceptedRequest): void {
    this.#record.requests.add(request);
    this.#options.batch().addRequest(request);
  }

  /** A state was given a name. */
  named(named: NamedVersion): void {
    this.#record.names.add(named);
    this.#options.batch().addName(named);
  }

  /** Somebody has access of their own. */
  ruled(rule: AccessRule): void {
    this.#record.access.add(rule);
    this.#options.batch().addRule(rule);
  }

  /** A replica of the user's own has come. */
  claim(replica: ReplicaId, user: UserId): void {
    this.#record.bindings.add({ replica, user });
    this.#options.batch().addClaim({ replica, user });
  }

  /** The replica under which this node writes for the user. */
  serverReplica(user: UserId): ReplicaId {
    const node = this.#options.node();
    const known = this.#record.bindings.servedBy(node, user);
    if (known !== undefined) return known;
    const binding = { replica: this.#options.newReplicaId(), user, node };
    this.#record.bindings.add(binding);
    this.#options.batch().addBinding(binding);
    return binding.replica;
  }
}

/** The part of a range that is in none of these, which are stretches of whole replicas and may be longer. */
function beyond(range: OperationRange, known: readonly OperationRange[]): OperationRange[] {
  const reached = known
    .filter(({ replica }) => replica === range.replica)
    .reduce((last, { to }) => Math.max(last, to), 0);
  return range.to <= reached ? [] : [{ ...range, from: Math.max(range.from, reached + 1) }];
}

/** Whose operations are of whom the log does not say: it is refused when it is read the next time. */
const NOBODY = "nobody" as UserId;
