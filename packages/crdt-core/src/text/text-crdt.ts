import { Update } from "../codec/update.js";
import { UpdateEncoder } from "../codec/update-codec.js";
import { CrdtError } from "../errors.js";
import { type ItemId, isCount, type OperationRange, type ReplicaId, replicaId } from "../ids.js";
import { type OpaqueRow, ROW_KIND_MAX } from "../log/operation.js";
import { rangeOf } from "../log/operation-log.js";
import { Pending } from "../log/pending.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import { VersionVector } from "../version-vector.js";
import type { Anchor, Side } from "./anchor.js";
import { ChangeList } from "./change-list.js";
import { countContent } from "./characters.js";
import { TextDelta } from "./delta.js";
import { refuseUnknown, stepsBetween, textSeen } from "./history.js";
import { Integration, type RefusedOperation } from "./integration.js";
import { itemsOf, type TextItem } from "./items.js";
import { checkOffset } from "./offsets.js";
import { Outbox } from "./outbox.js";
import { opaqueRowsIn, SavedText } from "./saved-text.js";
import { Sequence } from "./sequence.js";

/** What an edit made here did. */
export interface Edit {
  /** The id of its first operation; meaningless when there is none. */
  readonly id: ItemId;
  /** How many operations it is. */
  readonly count: number;
  /** How the visible text changed. */
  readonly delta: TextDelta;
}

/** How a text treats what it does not hold. */
export interface TextOptions {
  /**
   * Whether characters that are missing here are taken from an update that brings them again. A server says no: what was
   * trimmed stays so, and nobody puts other words in its place. @default true
   */
  readonly fillsIn?: boolean;
}

/** What an update did to a text. */
export interface Received {
  /** How the visible text changed. */
  readonly delta: TextDelta;
  /** The opaque rows that were applied now, those included that had waited. */
  readonly rows: readonly OpaqueRow[];
  /** The operations that were applied now. */
  readonly applied: readonly OperationRange[];
  /** How many operations this replica now holds back, because others are missing. */
  readonly waiting: number;
  /** Operations that had waited and were thrown away, because no honest replica makes them. */
  readonly refused: readonly RefusedOperation[];
}

/**
 * A text that many edit at once. Every replica that has the same operations shows the same text, in whatever order
 * they came. Offsets count UTF-16 units, as JavaScript strings do.
 */
export class TextCRDT {
  #replica: ReplicaId;
  readonly #fillsIn: boolean;
  /** The engine; undefined while a loaded text has only been read. */
  #opened: Sequence | undefined;
  /** What was loaded, until it is opened. */
  #saved: SavedText | undefined;
  /** The log of `#replica`. Set when the engine is. */
  #log!: ReplicaLog;
  #encoder!: UpdateEncoder;
  #integration!: Integration;
  readonly #pending = new Pending();
  readonly #outbox = new Outbox();

  /** @throws {CrdtError} `MALFORMED` when `replica` is no replica id. */
  constructor(replica: ReplicaId, { fillsIn = true }: TextOptions = {}) {
    this.#replica = replicaId(replica);
    this.#fillsIn = fillsIn;
    this.#use(new Sequence());
  }

  /**
   * A text from the bytes of `encodeState` or `encodeUpdate`, for the replica that edits it from now on. Of a state the
   * text can be read at once, and everything else is made at the first edit or question that needs it.
   *
   * For bytes that one has stored oneself, or has from whom one trusts as much: of a state, the order of what was
   * written at the same place at the same time is believed. What comes from anyone else is for `receive`, which
   * places every operation again.
   * @throws {CrdtError} as `Update.decode`. What is wrong behind the visible text of a state shows at the first
   * edit, as `MALFORMED`; `Update.decode` checks it all.
   */
  static load(replica: ReplicaId, bytes: Uint8Array, options?: TextOptions): TextCRDT {
    const text = new TextCRDT(replica, options);
    if (!Update.isState(bytes)) text.receive(bytes);
    else {
      text.#opened = undefined;
      text.#saved = new SavedText(new Uint8Array(bytes));
    }
    return text;
  }

  /** The engine inside, for the functions of this package that work on a text. @internal */
  static engineOf(text: TextCRDT): Sequence {
    return text.#engine();
  }

  /** The bytes of a text that was loaded and only read since. @internal */
  static savedBytesOf(text: TextCRDT): Uint8Array | undefined {
    return text.#saved?.bytes;
  }

  /** Makes an edit here by element numbers, on behalf of the log that `work` is given. @internal */
  static edit(text: TextCRDT, work: (sequence: Sequence, log: ReplicaLog) => void): Edit {
    const sequence = text.#engine();
    const log = text.#log;
    const { replica, next: seq } = log;
    const changes = new ChangeList(sequence);
    sequence.listener = changes;
    try {
      work(sequence, log);
    } finally {
      sequence.listener = undefined;
    }
    text.#outbox.note(log, seq);
    const delta = text.#deltaOf(changes, [{ replica, from: seq, to: log.next - 1 }]);
    return { id: { replica, seq }, count: log.next - seq, delta };
  }

  /** The replica on whose behalf this text is edited. */
  get replica(): ReplicaId {
    return this.#replica;
  }

  /**
   * From now on this text is edited on behalf of `replica`, which nobody else edits as: a server keeps one text for
   * many users, and writes for each of them under an id of their own.
   * @throws {CrdtError} `MALFORMED` when `replica` is no replica id.
   */
  writeAs(replica: ReplicaId): void {
    this.#replica = replicaId(replica);
    if (this.#opened) this.#log = this.#opened.log.of(this.#replica);
  }

  /** The length of the visible text, in UTF-16 units. */
  get length(): number {
    return this.#saved ? this.#saved.text.length : this.#engine().length;
  }

  /** What was seen, as a copy: it does not follow later edits. O(replicas). */
  get version(): VersionVector {
    return this.#saved ? this.#saved.version() : this.#engine().log.version();
  }

  /** The visible text. O(elements). */
  toString(): string {
    return this.#saved ? this.#saved.text : this.#engine().text();
  }

  /**
   * The visible text in [from, to). O(to - from + log n).
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text, or where an end is inside a surrogate pair.
   */
  slice(from: number, to: number): string {
    checkOffset(to, this.length);
    checkOffset(from, to);
    return this.#engine().slice(from, to);
  }

  /**
   * Inserts `content` at `offset`, in [0, length]. Amortised O(1) near the last edit, else O(log n).
   * @returns the id of its first character.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair; `MALFORMED` for no content or half
   * a surrogate pair in it; `LIMIT` beyond 2^26 characters, deleted ones included.
   */
  insert(offset: number, content: string): ItemId {
    const sequence = this.#engine();
    checkOffset(offset, sequence.length);
    const count = countContent(content);
    const log = this.#log;
    const seq = log.next;
    sequence.insertAt(log, offset, content, count);
    this.#outbox.note(log, seq);
    return { replica: log.replica, seq };
  }

  /**
   * Inserts `content` directly after the element `reference`, deleted or not; `null` is the start of the text.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element; `MALFORMED` as `insert` does.
   */
  insertAfter(reference: ItemId | null, content: string): ItemId {
    const left = reference === null ? NONE : this.#engine().log.element(reference);
    return TextCRDT.edit(this, (sequence, log) => {
      sequence.insertBetween(log, { left, right: sequence.elementAfter(left) }, content);
    }).id;
  }

  /**
   * Deletes [offset, offset + length).
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text, or where an end is inside a surrogate pair.
   */
  delete(offset: number, length: number): void {
    const sequence = this.#engine();
    checkOffset(length, sequence.length);
    checkOffset(offset, sequence.length - length);
    const log = this.#log;
    const seq = log.next;
    sequence.deleteAt(log, offset, length);
    this.#outbox.note(log, seq);
  }

  /**
   * Deletes one element. @returns whether it was visible.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element.
   */
  deleteItem(id: ItemId): boolean {
    const element = this.#engine().log.element(id);
    const isVisible = this.#engine().isVisible(element);
    if (isVisible) TextCRDT.edit(this, (sequence, log) => sequence.deleteElements(log, element, 1));
    return isVisible;
  }

  /**
   * Adds a local operation of a kind that this package does not know: it takes one seq and travels with the others.
   * @throws {CrdtError} `OUT_OF_RANGE` unless `kind` is in [0, 65535].
   */
  appendRow(kind: number, bytes: Uint8Array): ItemId {
    if (!isCount(kind, ROW_KIND_MAX)) throw new CrdtError("OUT_OF_RANGE", "row kind");
    return TextCRDT.edit(this, (_, log) => log.row(kind, new Uint8Array(bytes))).id;
  }

  /** Every opaque row known, replica by replica in ascending order, by seq. */
  rows(): Iterable<OpaqueRow> {
    return this.#saved ? opaqueRowsIn(this.#saved.bytes) : this.#engine().log.opaqueRows();
  }

  /**
   * What `since` lacks, as an update by id; everything without it. With `upTo` only what that has seen. Operations that
   * wait for others are not part of it. O(operations to write).
   */
  encodeUpdate(since?: VersionVector, upTo?: VersionVector): Uint8Array {
    const { log } = this.#engine();
    return this.#encoder.encode(log.stretchesSince(since, upTo));
  }

  /**
   * The operations made here since the last call, for the network; `undefined` when there are none. Reads the logs
   * where they were left: O(what is new). Short updates share an `ArrayBuffer`: copy one before you transfer it.
   */
  takeUpdate(): Uint8Array | undefined {
    return this.#outbox.isEmpty ? undefined : this.#encoder.encode(this.#outbox.take());
  }

  /** Takes in an update. `receive` without the details. @throws {CrdtError} as `receive` does. */
  applyUpdate(update: Uint8Array): TextDelta {
    const changes = this.#apply(update);
    return changes === undefined || changes.isFull ? this.#received(changes).delta : new TextDelta(changes);
  }

  /** Takes in everything that `other` has. @throws {CrdtError} as `receive` does. */
  merge(other: TextCRDT): TextDelta {
    return this.applyUpdate(other.encodeUpdate(this.version));
  }

  /**
   * Takes in an update, all of it or, when it throws, nothing. What is known already changes nothing; what depends on
   * operations not yet here is held back until they come. O(log n) for each run of operations.
   * @throws {CrdtError} what `Update.decode` throws; `CONFLICT` when an id is known with other content;
   * `FORGED_ORIGIN` for an operation that no honest replica makes; `LIMIT` when more than 1,000 rows or 256 KiB
   * would have to wait.
   */
  receive(update: Uint8Array | Update): Received {
    return this.#received(this.#apply(update));
  }

  /** Takes in an update, and says what that changes; undefined when it was a whole document, which is this text now. */
  #apply(update: Uint8Array | Update): ChangeList | undefined {
    const sequence = this.#engine();
    const isBytes = !(update instanceof Update);
    if (isBytes && !Update.isState(update)) return this.#integration.run(update, false);
    const decoded = isBytes ? Update.read(update) : update;
    // In this order: to look through the logs for each keystroke would be a tenth of all that a busy server allocates.
    const isForTheEmpty = Update.isState(decoded.bytes) && this.#pending.rows === 0;
    const isWanted = isForTheEmpty && sequence.log.sorted().length === 0;
    const document = isWanted ? decoded.takeDocument() : undefined;
    if (document === undefined) return this.#integration.run(decoded.bytesById, true);
    this.#use(document);
    return undefined;
  }

  #received(changes: ChangeList | undefined): Received {
    if (changes === undefined) return this.#adopted();
    const rows = this.#integration.rows();
    const { refused } = this.#integration;
    const applied = this.#integration.applied();
    const waiting = this.#pending.operations;
    return { delta: this.#deltaOf(changes, applied), rows, applied, waiting, refused };
  }

  /** Every element in the order of the text, deleted ones included. */
  items(): Generator<TextItem> {
    return itemsOf(this.#engine());
  }

  /**
   * A position that stays with the character on the given side of `offset`.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair.
   */
  anchorAt(offset: number, side: Side): Anchor {
    checkOffset(offset, this.length);
    const left = this.#engine().elementLeftOf(offset);
    if (side === "left") return { element: this.#engine().log.id(left), side };
    const right = offset === this.length ? NONE : this.#engine().visibleAt(offset);
    return { element: this.#engine().log.id(right), side };
  }

  /**
   * Where an anchor is now. The anchor of a deleted character is where that used to stand.
   * @throws {CrdtError} `UNKNOWN_ID` when its element is not here.
   */
  offsetOf({ element: id, side }: Anchor): number {
    if (id === null) return side === "left" ? 0 : this.length;
    const element = this.#engine().log.element(id);
    const offset = this.#engine().offsetOf(element);
    return side === "left" && this.#engine().isVisible(element)
      ? offset + this.#engine().characters.width(element, 1)
      : offset;
  }

  /**
   * The text as it was when exactly what `version` names had been seen. O(elements).
   * @throws {CrdtError} `UNKNOWN_ID` when it names operations that are not here; `TRIMMED` when it shows characters
   * that this replica does not hold.
   */
  textAt(version: VersionVector): string {
    refuseUnknown(this.#engine(), version);
    return textSeen(this.#engine(), { version });
  }

  /**
   * How the text changed between two versions; without `to`, until now. O(elements).
   * @throws {CrdtError} as `textAt` does.
   */
  diff(from: VersionVector, to: VersionVector = this.version): TextDelta {
    refuseUnknown(this.#engine(), from);
    refuseUnknown(this.#engine(), to);
    return new TextDelta(stepsBetween(this.#engine(), { version: from }, { version: to }));
  }

  /** A method: V8 calls a private getter through its runtime, 5 ns an edit even in optimised code. */
  #engine(): Sequence {
    return this.#opened ?? this.#open();
  }

  /** Makes the engine of a text that was loaded. */
  #open(): Sequence {
    const sequence = this.#saved!.open();
    this.#saved = undefined;
    this.#use(sequence);
    return sequence;
  }

  #use(sequence: Sequence): void {
    this.#opened = sequence;
    this.#log = sequence.log.of(this.#replica);
    this.#encoder = new UpdateEncoder(sequence);
    this.#integration = new Integration(sequence, this.#pending, this.#fillsIn);
  }

  /** What a whole document that was taken over was. */
  #adopted(): Received {
    const { log } = this.#engine();
    const applied = log.stretchesSince().map(rangeOf);
    const rows = [...this.rows()];
    return { delta: new TextDelta([{ insert: this.toString() }]), rows, applied, waiting: 0, refused: [] };
  }

  #deltaOf(changes: ChangeList, applied: readonly OperationRange[]): TextDelta {
    if (!changes.isFull) return new TextDelta(changes);
    const after = this.version;
    const earlier = new Map(applied.map(({ replica, from }) => [replica, from - 1]));
    const before = new VersionVector(
      [...after]
        .map(([replica, seq]) => [replica, earlier.get(replica) ?? seq] as const)
        .filter(([, seq]) => seq > 0),
    );
    const sequence = this.#engine();
    return new TextDelta({ steps: () => stepsBetween(sequence, { version: before }, { version: after }) });
  }
}
