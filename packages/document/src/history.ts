import type { TextDelta } from "@motet/crdt-core";
import { type AuthoredStep, authoredDiff } from "./authored-diff.js";
import { type BlamedRange, blame } from "./blame.js";
import { Credits } from "./credits.js";
import type { DocumentSnapshot } from "./document.js";
import { textOperations } from "./document-change.js";
import type { ContentDiff } from "./document-diff.js";
import type { DocumentRecord } from "./document-record.js";
import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";
import { COUNTER_AMOUNT_MAX } from "./kinds/counter.js";
import { CLOCK_AHEAD_MS_MAX } from "./kinds/stamp.js";
import { type ListedChange, listedChanges } from "./listed-change.js";
import type { Operation, RowOperation } from "./operation.js";
import { readRow } from "./row-states.js";
import { type Sitting, sittings } from "./sittings.js";
import type { NamedVersion } from "./version-names.js";
import { resolveVersion, type VersionReference } from "./version-reference.js";

/** What changed between two states, and who changed each piece of the text. */
export interface HistoryDiff extends ContentDiff {
  readonly authored: readonly AuthoredStep[];
}

/** A title or a field from the future. */
export interface WrittenAhead {
  readonly operation: RowOperation;
  /** The time that it bears, in milliseconds since 1970. */
  readonly wallMs: number;
  readonly user: UserId | undefined;
}

/**
 * What a document was, what changed, and who wrote what. Where that is text which was trimmed, reading it throws `CrdtError` `TRIMMED`. Read it as a whole or show it after a commit: like everything in memory it
 * may hold operations that are not durable yet.
 */
export class DocumentHistory {
  readonly #record: DocumentRecord;

  /** Made by an open document from its record. */
  constructor(record: DocumentRecord) {
    this.#record = record;
  }

  /** The document as it was. @throws {DocumentError} `UNKNOWN_VERSION`. */
  at(reference: VersionReference): DocumentSnapshot {
    return this.#record.document.at(resolveVersion(this.#record, reference));
  }

  /** What changed from one state to another, in either direction of time; to now without `to`. @throws {DocumentError} `UNKNOWN_VERSION`. */
  diff(from: VersionReference, to?: VersionReference): HistoryDiff {
    const { document } = this.#record;
    const [older, newer] = [from, to ?? { version: document.version }].map((one) =>
      resolveVersion(this.#record, one),
    );
    const diff = document.compare(older!, newer!);
    return { ...diff, authored: authoredDiff(document, new Credits(this.#record), older!, newer!) };
  }

  /** Who wrote each part of the text as it is, and when. */
  blame(): readonly BlamedRange[] {
    return blame(this.#record.document, new Credits(this.#record));
  }

  /** When people worked on it, oldest first. */
  sittings(): readonly Sitting[] {
    return sittings(this.#record.arrivals, (replica) => this.#record.bindings.userOf(replica));
  }

  /** Who did what and when, oldest first; read it before anything else is done. */
  changes(): Iterable<ListedChange> {
    return listedChanges(this.#record.arrivals, (replica) => this.#record.bindings.userOf(replica));
  }

  /**
   * Titles and fields with a time that no honest clock can have written as of `nowMs`, in the order of the log. They would have been refused; where one
   * is in a store all the same, later ones still stand above it, but those of replicas that have not seen it do not. Cost: O(rows).
   */
  ahead(nowMs: number): readonly WrittenAhead[] {
    const found: WrittenAhead[] = [];
    for (const row of this.#record.document.content.rows()) {
      const { stamp, operation } = readRow(row) ?? {};
      if (stamp === undefined || operation === undefined || stamp.wallMs <= nowMs + CLOCK_AHEAD_MS_MAX)
        continue;
      found.push({ operation, wallMs: stamp.wallMs, user: this.#record.bindings.userOf(row.id.replica) });
    }
    return found;
  }

  /** The states that people named, in the order in which they did. */
  names(): readonly NamedVersion[] {
    return [...this.#record.names];
  }

  /**
   * The operations that make the document say again what it said then. Done as new operations: nothing is unsaid, and
   * what others write meanwhile stays. Where the text differs in more than 2,000 places, all from the first to the last of them is written anew.
   * @throws {DocumentError} `UNKNOWN_VERSION`; `LIMIT` when a counter is too far from what it was.
   */
  restoring(reference: VersionReference): readonly Operation[] {
    const { document } = this.#record;
    const version = resolveVersion(this.#record, reference);
    const { text, title, counters, fields } = document.compare(document.version, version);
    const operations: Operation[] =
      text.steps.length > PLACES_MAX * 2
        ? rewriting(text, document.text, document.content.textAt(version))
        : [...textOperations(text)];
    if (title !== undefined) operations.push({ type: "set_title", title: title.to });
    for (const [counter, { from, to }] of counters) operations.push(...counting(counter, to - from));
    for (const [field, { to: value }] of fields) operations.push({ type: "set_field", field, value });
    return operations;
  }
}

/** Places in which a text is restored one by one: each takes an operation, and everybody who has it open is told of it. */
const PLACES_MAX = 2_000;

/** One deletion and one insertion that make `after` of `before`, by all that `delta` touches. */
function rewriting({ steps }: TextDelta, before: string, after: string): Operation[] {
  const [first] = steps;
  const position = first !== undefined && "retain" in first ? first.retain : 0;
  const end = steps.reduce(
    (sum, step) => sum + ("insert" in step ? 0 : "retain" in step ? step.retain : step.delete),
    0,
  );
  const text = after.slice(position, after.length - (before.length - end));
  const deletion: Operation = { type: "delete", position, length: end - position };
  return text === "" ? [deletion] : [deletion, { type: "insert", position, text }];
}

/** Operations that take one counter back to what it was, at most: from end to end of its range it would be millions. */
const STEPS_MAX = 1_000;

/** `amount` in steps that a counter takes. @throws {DocumentError} `LIMIT` when these are more than {@link STEPS_MAX}. */
function* counting(counter: string, amount: number): Generator<Operation> {
  if (Math.abs(amount) > STEPS_MAX * COUNTER_AMOUNT_MAX)
    throw new DocumentError("LIMIT", "a counter is too far from what it was");
  for (let left = amount; left !== 0; ) {
    const step = Math.max(-COUNTER_AMOUNT_MAX, Math.min(COUNTER_AMOUNT_MAX, left));
    yield { type: "increment_counter", counter, amount: step };
    left -= step;
  }
}
