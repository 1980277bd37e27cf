import {
  type Anchor,
  compareTimestamps,
  deleteItems,
  type Edit,
  HybridLogicalClock,
  type ItemId,
  type LineColumn,
  lineColumnAt,
  type OpaqueRow,
  type OperationRange,
  offsetAt,
  opaqueRowsOf,
  type ReplicaId,
  type Side,
  TextCRDT,
  TextDelta,
  type TextOptions,
  type Timestamp,
  Update,
  VersionVector,
} from "@motet/crdt-core";
import { DocumentChange } from "./document-change.js";
import { type ContentDiff, type DocumentDiff, diffOf } from "./document-diff.js";
import { DocumentError } from "./errors.js";
import type { DocumentId } from "./ids.js";
import type { FieldValue } from "./kinds/field.js";
import { CLOCK_AHEAD_MS_MAX } from "./kinds/stamp.js";
import { countCharacters, type LoggedOperation, loggedOperations } from "./logged-operation.js";
import { type Operation, type RowOperation, rowKindOf } from "./operation.js";
import { RowStates, readRow } from "./row-states.js";

/** A state of a document: what had been seen when it was so. */
export type Version = VersionVector;

/** What a document says at one moment, as plain data. */
export interface DocumentSnapshot {
  readonly id: DocumentId;
  readonly text: string;
  readonly title: string;
  readonly counters: ReadonlyMap<string, number>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  readonly version: Version;
  readonly versionNumber: number;
}

/** What a document is made of; `fillsIn` says whether trimmed text is taken from whoever still has it. */
export interface DocumentOptions extends TextOptions {
  readonly id: DocumentId;
  readonly replica: ReplicaId;
}

/**
 * One replica of a document: a text, a title, counters and fields over one log of operations. Replicas that have the same operations
 * say the same, in whatever order these came. No I/O, no clock, no randomness: runs in browsers and on servers alike.
 */
export class Document {
  readonly id: DocumentId;
  #text: TextCRDT;
  readonly #textOptions: TextOptions;
  /** Whether nothing was ever done here. */
  #isNew = true;
  readonly #rows = new RowStates();
  readonly #seen = new VersionVector();
  #rowBytes = 0;
  #replica: ReplicaId;
  #clock = new HybridLogicalClock();

  /** @throws {CrdtError} `MALFORMED` when `replica` is no replica id. */
  constructor(options: DocumentOptions) {
    this.id = options.id;
    this.#replica = options.replica;
    this.#textOptions = options;
    this.#text = new TextCRDT(options.replica, options);
  }

  /** Under which id operations are made here. */
  get replica(): ReplicaId {
    return this.#replica;
  }

  /** Operations made here from now on bear this id. A server edits for many users, under a replica for each. */
  writeAs(replica: ReplicaId): void {
    this.#text.writeAs(replica);
    this.#replica = replica;
  }

  /** The visible text. Cost: O(length). */
  get text(): string {
    return this.#text.toString();
  }

  /** The length of the visible text in UTF-16 code units. */
  get length(): number {
    return this.#text.length;
  }

  /** The title; empty until there is one. */
  get title(): string {
    return this.#rows.title;
  }

  /** The counter of that name; 0 until somebody counts. */
  counter(name: string): number {
    return this.#rows.counter(name);
  }

  /** Every counter, by name. */
  get counters(): ReadonlyMap<string, number> {
    return this.#rows.counters;
  }

  /** Every field that has a value, by name. */
  get fields(): ReadonlyMap<string, FieldValue> {
    return this.#rows.fields;
  }

  /** What was seen, as a copy that follows nothing. */
  get version(): Version {
    return this.#seen.copy();
  }

  /** How many operations were seen: grows by one with each, by n for n characters. */
  get versionNumber(): number {
    return this.#seen.total;
  }

  /** Bytes of all titles, counts and fields that were ever set. */
  get rowBytes(): number {
    return this.#rowBytes;
  }

  /**
   * Makes an operation here. What it made, {@link takeUpdate} hands out.
   * @param nowMs The time in milliseconds since 1970.
   * @throws {CrdtError} `OUT_OF_RANGE` for a position that is not in the text or inside a character; `MALFORMED`.
   * @throws {DocumentError} `MALFORMED` for what no operation can say. Nothing has changed then.
   */
  apply(operation: Operation, nowMs: number): DocumentChange {
    switch (operation.type) {
      case "insert":
        return this.#inserted(this.#text.insert(operation.position, operation.text), operation);
      case "delete":
        return this.#delete(operation.position, operation.length);
      default:
        return this.#appendRow(operation, nowMs);
    }
  }

  /**
   * Inserts directly behind an element, deleted or not; `null` is the start of the text. For undoing: it needs no position.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element, `MALFORMED`.
   */
  insertAfter(reference: ItemId | null, text: string): DocumentChange {
    return this.inserted(this.#text.insertAfter(reference, text), text);
  }

  /**
   * Removes elements, those that are still there. `removed` says for each of `ids` whether it was. Cost: O(log length) for each.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element; nothing is removed then.
   */
  remove(ids: readonly ItemId[]): { readonly change: DocumentChange; readonly removed: readonly boolean[] } {
    const { deleted: removed, ...edit } = deleteItems(this.#text, ids);
    return { change: this.deleted(edit), removed };
  }

  /**
   * Takes in an update from elsewhere: all of it, or nothing when it throws. What is known changes nothing; what depends on operations not here yet waits.
   * @param nowMs When given, titles and fields stamped more than 500 ms after it are refused: servers do that, so that no clock locks a title.
   * @throws {CrdtError} as `TextCRDT.receive` does. @throws {DocumentError} `MALFORMED`, `CLOCK_AHEAD`.
   */
  receive(update: Uint8Array | Update, nowMs?: number): DocumentChange {
    const decoded = "ranges" in update ? update : Update.read(update);
    this.#checkRows(decoded, nowMs);
    return this.load(decoded);
  }

  /**
   * Takes in an update from one's own store, which `receive` has let in once. As {@link receive} without its checks of titles
   * and the like: a replica that this throws in is of no use any more. A new replica opens the bytes of a whole state without
   * placing anything: the first edit, or the first question that needs more than the text as it is, pays for that.
   * @throws {CrdtError} as `TextCRDT.receive` does. @throws {DocumentError} `MALFORMED`.
   */
  load(update: Uint8Array | Update): DocumentChange {
    if (this.#isNew && !("ranges" in update) && Update.isState(update)) return this.#open(update);
    const { delta, rows, applied, waiting } = this.#text.receive(update);
    return this.#changed(
      applied,
      delta,
      rows.flatMap((row) => this.#takeRow(row) ?? []),
      waiting,
    );
  }

  /** Takes in everything that `other` has. @throws as {@link receive}. */
  merge(other: Document): DocumentChange {
    return this.receive(other.encode(this.#seen));
  }

  /** What `since` lacks, as an update; everything without it. With `upTo` only what that has seen. */
  encode(since?: Version, upTo?: Version): Uint8Array {
    return this.#text.encodeUpdate(since, upTo);
  }

  /** The operations made here since the last call, for the network; `undefined` when there are none. */
  takeUpdate(): Uint8Array | undefined {
    return this.#text.takeUpdate();
  }

  /** What the document says now. */
  snapshot(): DocumentSnapshot {
    const { id, text, title, counters, fields, version, versionNumber } = this;
    return { id, text, title, counters, fields, version, versionNumber };
  }

  /**
   * What the document said when exactly `version` had been seen. Cost: O(elements + rows).
   * @throws {CrdtError} `UNKNOWN_ID` when it names what was not seen here, `TRIMMED` when it showed what was forgotten since.
   */
  at(version: Version): DocumentSnapshot {
    const text = this.#text.textAt(version);
    const { title, counters, fields } = RowStates.of(this.#text.rows(), version);
    const copy = version.copy();
    return { id: this.id, text, title, counters, fields, version: copy, versionNumber: copy.total };
  }

  /**
   * What changed from one state to another; to now without `to`. Cost: O(elements + operations between).
   * @throws {CrdtError} `UNKNOWN_ID` when either names what was not seen here, `TRIMMED` when either showed what was forgotten since.
   */
  diff(from: Version, to: Version = this.#seen): DocumentDiff {
    return { ...this.compare(from, to), operations: this.operations(from, to) };
  }

  /** As {@link diff}, without the operations, which are many where a text is long. Cost: O(elements + rows). @throws as {@link diff}. */
  compare(from: Version, to: Version = this.#seen): ContentDiff {
    const rows = [...this.#text.rows()];
    return diffOf({
      from: from.copy(),
      to: to.copy(),
      text: this.#text.diff(from, to),
      before: RowStates.of(rows, from),
      after: RowStates.of(rows, to),
    });
  }

  /** The operations that `to` has seen and `from` has not, by replica and seq. Cost: O(those, and those after `to`). */
  operations(from: Version, to: Version = this.#seen): readonly LoggedOperation[] {
    return [...loggedOperations(this.#text.encodeUpdate(from), to)];
  }

  /** The text itself, for the functions that read or encode one. What changes it past this class breaks the document. */
  get content(): TextCRDT {
    return this.#text;
  }

  /** Notes what was inserted into {@link content}, by this replica as its latest operation. @internal */
  inserted(id: ItemId, text: string): DocumentChange {
    const position = this.#text.offsetOf({ element: id, side: "right" });
    return this.#inserted(id, { position, text });
  }

  /** Notes what was deleted from {@link content}, by this replica as its latest operations. @internal */
  deleted({ id, count, delta }: Edit): DocumentChange {
    return this.#changed(this.#made(id, count), delta);
  }

  /** A position that stays with the character on that side of `offset`. @throws {CrdtError} `OUT_OF_RANGE`. */
  anchorAt(offset: number, side: Side): Anchor {
    return this.#text.anchorAt(offset, side);
  }

  /** Where an anchor stands now. @throws {CrdtError} `UNKNOWN_ID` when its element was not seen here. */
  offsetOf(anchor: Anchor): number {
    return this.#text.offsetOf(anchor);
  }

  /** Line and column, from 0, of an offset. @throws {CrdtError} `OUT_OF_RANGE`. */
  lineColumnAt(offset: number): LineColumn {
    return lineColumnAt(this.#text, offset);
  }

  /** The offset of a line and column. @throws {CrdtError} `OUT_OF_RANGE`. */
  offsetAt(position: LineColumn): number {
    return offsetAt(this.#text, position);
  }

  #inserted(id: ItemId, { position, text }: { position: number; text: string }): DocumentChange {
    const delta = new TextDelta([{ retain: position }, { insert: text }]);
    return this.#changed(this.#made(id, countCharacters(text)), delta);
  }

  #next(): ItemId {
    return { replica: this.#replica, seq: this.#seen.get(this.#replica) + 1 };
  }

  #delete(position: number, length: number): DocumentChange {
    const first = this.#next();
    const count = countCharacters(this.#text.slice(position, position + length));
    this.#text.delete(position, length);
    const delta = new TextDelta([{ retain: position }, { delete: length }]);
    return this.#changed(this.#made(first, count), delta);
  }

  #appendRow(operation: RowOperation, nowMs: number): DocumentChange {
    const kind = rowKindOf(operation.type);
    if (kind === undefined) throw new DocumentError("MALFORMED", "there is no operation of that type");
    const bytes = kind.write(operation, () => this.#clock.now(nowMs));
    const id = this.#text.appendRow(kind.number, bytes);
    this.#rowBytes += bytes.length;
    const shown = this.#rows.apply({ id, kind: kind.number, bytes });
    return this.#changed(this.#made(id, 1), new TextDelta(), shown === undefined ? [] : [shown]);
  }

  #made(id: ItemId, count: number): OperationRange[] {
    return count === 0 ? [] : [{ replica: id.replica, from: id.seq, to: id.seq + count - 1 }];
  }

  #changed(
    applied: readonly OperationRange[],
    text: TextDelta,
    rows: readonly RowOperation[] = [],
    waiting = 0,
  ): DocumentChange {
    const before = this.#seen.total;
    this.#isNew = false;
    for (const { replica, to } of applied) this.#seen.advance(replica, to);
    return new DocumentChange({ before, version: this.#seen.total, applied, text, rows, waiting });
  }

  /** Takes over a whole state, believed as one believes one's own store. */
  #open(state: Uint8Array): DocumentChange {
    this.#text = TextCRDT.load(this.#replica, state, this.#textOptions);
    const applied = [...this.#text.version].map(([replica, to]) => ({ replica, from: 1, to }));
    const rows = [...this.#text.rows()].flatMap((row) => this.#takeRow(row) ?? []);
    const insert = this.#text.toString();
    return this.#changed(applied, new TextDelta(insert === "" ? [] : [{ insert }]), rows);
  }

  #takeRow(row: OpaqueRow): RowOperation | undefined {
    this.#rowBytes += row.bytes.length;
    const stamp = readRow(row)?.stamp;
    // Without the clock's own check: what is in the log is in, and what is stamped here next must stand above it.
    if (stamp !== undefined && compareTimestamps(stamp, this.#clock.last) > 0) {
      this.#clock = new HybridLogicalClock(stamp);
    }
    return this.#rows.apply(row);
  }

  /** Everything that a row can be refused for, before anything changes. */
  #checkRows(update: Update, nowMs: number | undefined): void {
    if (!update.hasOpaqueRows) return;
    for (const row of opaqueRowsOf(update)) {
      const stamp = readRow(row)?.stamp;
      if (stamp !== undefined && nowMs !== undefined) this.#checkStamp(stamp, nowMs, row.id);
    }
  }

  // A stamp beside the highest known one is let in however late our clock is: if a bad stamp ever got into a store,
  // honest writers must be able to stamp above it, or it would hold the title for ever.
  #checkStamp(stamp: Timestamp, nowMs: number, operation: ItemId): void {
    if (stamp.wallMs <= Math.max(nowMs + CLOCK_AHEAD_MS_MAX, this.#clock.last.wallMs)) return;
    const message = `a stamp more than ${CLOCK_AHEAD_MS_MAX} ms ahead of the server's clock`;
    throw new DocumentError("CLOCK_AHEAD", message, { operation });
  }
}
