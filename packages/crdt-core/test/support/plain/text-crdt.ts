import { Writer } from "../../../src/codec/writer.js";
import { CrdtError } from "../../../src/errors.js";
import {
  compareReplicaIds,
  formatId,
  type ItemId,
  type OperationRange,
  type ReplicaId,
  replicaId,
} from "../../../src/ids.js";
import type { OpaqueRow, TextItem } from "../../../src/index.js";
import { ROW_KIND_MAX } from "../../../src/log/operation.js";
import { TextDelta } from "../../../src/text/delta.js";
import { VersionVector } from "../../../src/version-vector.js";
import type { Anchor, LineColumn, Side } from "./anchor.js";
import type { Element } from "./element.js";
import { Integration, type RefusedOperation } from "./integration.js";
import { OperationLog } from "./operation-log.js";
import { Pending } from "./pending.js";
import { checkOffset, Sequence, textOf } from "./sequence.js";
import { addRange, encodeOperations, Update } from "./update-codec.js";
import { isVisibleIn, locateIn, type View, viewIncludes } from "./view.js";

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
  readonly #sequence = new Sequence();
  readonly #log = new OperationLog();
  #pending = new Pending();
  /** Made here and not yet taken by `takeUpdate`. */
  #outgoing: OperationRange[] = [];

  /** @throws {CrdtError} `MALFORMED` when `replica` is no replica id. */
  constructor(replica: ReplicaId) {
    this.#replica = replicaId(replica);
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
  }

  /** The length of the visible text, in UTF-16 units. */
  get length(): number {
    return this.#sequence.length;
  }

  /** What was seen, as a copy: it does not follow later edits. */
  get version(): VersionVector {
    return this.#log.version();
  }

  /** The visible text. Cost: O(elements). */
  toString(): string {
    return this.#sequence.text();
  }

  /**
   * The visible text in [from, to).
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text, or where an end is inside a surrogate pair.
   */
  slice(from: number, to: number): string {
    checkOffset(to, this.length);
    checkOffset(from, to);
    const [start, end] = [this.#sequence.indexAt(from), this.#sequence.indexAt(to)];
    return textOf(this.#sequence.elements.slice(start, end), (element) => element.width > 0);
  }

  /**
   * Inserts `content` at `offset`, in [0, length]. @returns the id of its first character.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair; `MALFORMED` for no content or half
   * a surrogate pair in it.
   */
  insert(offset: number, content: string): ItemId {
    const at = this.#sequence.indexAt(offset);
    const { elements } = this.#sequence;
    return this.#insertBetween(elements[at - 1] ?? null, elements[at] ?? null, content);
  }

  /**
   * Inserts `content` directly after the element `reference`, deleted or not; `null` is the start of the text.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element; `MALFORMED` as `insert` does.
   */
  insertAfter(reference: ItemId | null, content: string): ItemId {
    const left = reference === null ? null : this.#element(reference);
    const next = left === null ? 0 : this.#sequence.indexOf(left) + 1;
    return this.#insertBetween(left, this.#sequence.elements[next] ?? null, content);
  }

  /**
   * Inserts `content` where the text that `view` shows has `offset`: behind the element shown left of it, before the
   * element that follows that one in the view.
   * @throws {CrdtError} as `insert` does; `FORGED_ORIGIN` when no replica can ever have shown `view`.
   */
  insertIn(view: View, offset: number, content: string): ItemId {
    const seen = this.#sequence.elements.filter((element) => viewIncludes(view, element.id));
    const at = locateIn(seen, view, offset);
    return this.#insertBetween(seen[at - 1] ?? null, seen[at] ?? null, content);
  }

  /**
   * Deletes [offset, offset + length).
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text, or where an end is inside a surrogate pair.
   */
  delete(offset: number, length: number): void {
    checkOffset(length, this.length);
    checkOffset(offset, this.length - length);
    const [from, to] = [this.#sequence.indexAt(offset), this.#sequence.indexAt(offset + length)];
    this.#deleteEach(this.#sequence.elements.slice(from, to).filter((element) => element.width > 0));
  }

  /**
   * Deletes one element. @returns whether it was visible.
   * @throws {CrdtError} `UNKNOWN_ID` when there is no such element.
   */
  deleteItem(id: ItemId): boolean {
    const element = this.#element(id);
    return element.width > 0 && this.#deleteEach([element]) > 0;
  }

  /**
   * Deletes what `view` shows in [offset, offset + length), even what somebody else has deleted meanwhile: the reader's
   * later positions do not count it any more. @returns how many elements, and so how many operations.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text that the view shows, or inside a surrogate pair.
   */
  deleteIn(view: View, offset: number, length: number): number {
    const shown = this.#sequence.elements.filter((element) => isVisibleIn(view, element));
    const from = locateIn(shown, view, offset);
    if (!Number.isInteger(length) || length < 0) throw new CrdtError("OUT_OF_RANGE", `no length: ${length}`);
    return this.#deleteEach(shown.slice(from, locateIn(shown, view, offset + length)));
  }

  /**
   * Adds a local operation of a kind that this package does not know: it takes one seq and travels with the others.
   * @throws {CrdtError} `OUT_OF_RANGE` unless `kind` is in [0, 65535].
   */
  appendRow(kind: number, bytes: Uint8Array): ItemId {
    if (!Number.isInteger(kind) || kind < 0 || kind > ROW_KIND_MAX) {
      throw new CrdtError("OUT_OF_RANGE", "the kind of a row is in [0, 65535]");
    }
    const id = this.#log.nextId(this.#replica);
    this.#log.append(this.#replica, { kind: "row", row: { id, kind, bytes: bytes.slice() } });
    addRange(this.#outgoing, id, 1);
    return id;
  }

  /** Every opaque row known, replica by replica in ascending order, by seq. */
  rows(): Iterable<OpaqueRow> {
    return this.#log.rows();
  }

  /** What `since` lacks, as an update; everything without it. Operations that wait for others are not part of it. */
  encodeUpdate(since?: VersionVector): Uint8Array {
    const ranges = this.#log.rangesSince(since ?? new VersionVector());
    return encodeOperations(this.#log.operations(ranges));
  }

  /** The operations made here since the last call, for the network; `undefined` when there are none. */
  takeUpdate(): Uint8Array | undefined {
    if (this.#outgoing.length === 0) return undefined;
    const ranges = this.#outgoing.sort((a, b) => compareReplicaIds(a.replica, b.replica) || a.from - b.from);
    this.#outgoing = [];
    return encodeOperations(this.#log.operations(ranges));
  }

  /** Takes in an update. `receive` without the details. @throws {CrdtError} as `receive` does. */
  applyUpdate(update: Uint8Array): TextDelta {
    return this.receive(update).delta;
  }

  /** Takes in everything that `other` has. @throws {CrdtError} as `receive` does. */
  merge(other: TextCRDT): TextDelta {
    return this.applyUpdate(other.encodeUpdate(this.version));
  }

  /**
   * Takes in an update, all of it or, when it throws, nothing. What is known already changes nothing; what depends on
   * operations not yet here is held back until they come.
   * @throws {CrdtError} what `Update.decode` throws; `CONFLICT` when an id is known with other content;
   * `FORGED_ORIGIN` for an operation that no honest replica makes; `LIMIT` when more than 1,000 operations or 256 KiB
   * would have to wait.
   */
  receive(update: Uint8Array | Update): Received {
    const decoded = update instanceof Update ? update : Update.decode(update);
    const pending = this.#pending.copy();
    const integration = new Integration(this.#sequence, this.#log, pending);
    try {
      integration.run(decoded.operations());
      pending.checkLimits();
    } catch (error) {
      integration.rollback();
      throw error;
    }
    this.#pending = pending;
    const { rows, applied, refused } = integration;
    return { delta: integration.delta(), rows, applied, waiting: pending.operations, refused };
  }

  /** Every element in the order of the text, deleted ones included. */
  *items(): Generator<TextItem> {
    for (const { id, character, left, right, width } of this.#sequence.elements) {
      const deleted = width === 0;
      yield { id, character, left: left?.id ?? null, right: right?.id ?? null, deleted };
    }
  }

  /**
   * A position that stays with the character on the given side of `offset`.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair.
   */
  anchorAt(offset: number, side: Side): Anchor {
    const { elements } = this.#sequence;
    let at = this.#sequence.indexAt(offset);
    if (side === "left") return { element: elements[at - 1]?.id ?? null, side };
    while (at < elements.length && elements[at].width === 0) at++;
    return { element: elements[at]?.id ?? null, side };
  }

  /**
   * Where an anchor is now. The anchor of a deleted character is where that used to stand.
   * @throws {CrdtError} `UNKNOWN_ID` when its element is not here.
   */
  offsetOf(anchor: Anchor): number {
    if (anchor.element === null) return anchor.side === "left" ? 0 : this.length;
    const at = this.#sequence.indexOf(this.#element(anchor.element));
    return this.#sequence.offsetBefore(anchor.side === "left" ? at + 1 : at);
  }

  /** @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair. */
  lineColumnAt(offset: number): LineColumn {
    const before = this.slice(0, offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length - 1, column: offset - lineStart };
  }

  /** @throws {CrdtError} `OUT_OF_RANGE` when there is no such line or column, or it is inside a surrogate pair. */
  offsetAt({ line, column }: LineColumn): number {
    const lines = this.toString().split("\n");
    checkOffset(line, lines.length - 1);
    checkOffset(column, lines[line].length);
    const offset = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, column);
    this.#sequence.indexAt(offset);
    return offset;
  }

  /**
   * The text as it was when exactly what `version` names had been seen.
   * @throws {CrdtError} `UNKNOWN_ID` when it names operations that are not here.
   */
  textAt(version: VersionVector): string {
    this.#checkKnown(version);
    return this.textIn({ version, own: [] });
  }

  /** The text that `view` shows. */
  textIn(view: View): string {
    return textOf(this.#sequence.elements, (element) => isVisibleIn(view, element));
  }

  /**
   * How the text changed between two versions; without `to`, until now.
   * @throws {CrdtError} `UNKNOWN_ID` when either names operations that are not here.
   */
  diff(from: VersionVector, to: VersionVector = this.version): TextDelta {
    this.#checkKnown(from);
    this.#checkKnown(to);
    const [before, after] = [
      { version: from, own: [] },
      { version: to, own: [] },
    ];
    return new TextDelta(
      this.#sequence.elements.map((element) => {
        const [was, is] = [isVisibleIn(before, element), isVisibleIn(after, element)];
        if (was && is) return { retain: element.character.length };
        if (is) return { insert: element.character };
        return { delete: was ? element.character.length : 0 };
      }),
    );
  }

  #insertBetween(left: Element | null, right: Element | null, content: string): ItemId {
    if (content === "") throw new CrdtError("MALFORMED", "nothing to insert");
    new Writer().string(content); // Refuses halves of surrogate pairs before anything changes.
    const first = this.#log.nextId(this.#replica);
    let before = left;
    for (const character of content) {
      const id = this.#log.nextId(this.#replica);
      const element: Element = this.#sequence.insert({ id, character, left: before, right });
      this.#log.append(this.#replica, { kind: "insert", element });
      addRange(this.#outgoing, id, 1);
      before = element;
    }
    return first;
  }

  #deleteEach(targets: readonly Element[]): number {
    for (const target of targets) {
      const id = this.#log.nextId(this.#replica);
      this.#sequence.delete(target, id);
      this.#log.append(this.#replica, { kind: "delete", target });
      addRange(this.#outgoing, id, 1);
    }
    return targets.length;
  }

  #element(id: ItemId): Element {
    const element = this.#log.element(id);
    if (element === undefined)
      throw new CrdtError("UNKNOWN_ID", `${formatId(id)} is no element of this text`);
    return element;
  }

  #checkKnown(version: VersionVector): void {
    if (!this.version.covers(version))
      throw new CrdtError("UNKNOWN_ID", "a version that was never seen here");
  }
}
