import type { Random } from "@motet/testing";
import {
  deleteIn,
  deleteItems,
  encodeState,
  type ItemId,
  insertIn,
  lineColumnAt,
  mergeUpdates,
  type OperationRange,
  offsetAt,
  operationsOf,
  type Received,
  replicaId,
  TextCRDT,
  Update,
  VersionVector,
} from "../../src/index.js";
import { caretByWalk, caretIn, elementsByWalk, elementsShown } from "../../src/text/view.js";
import { expectSame, expectSameItems } from "./expect-same.js";
import { forge } from "./forge.js";
import { checkInvariants } from "./invariants.js";
import { operationLength, sliceOperation } from "./operations.js";
import * as plainOperation from "./plain/operation.js";
import { TextCRDT as PlainText } from "./plain/text-crdt.js";
import * as plainCodec from "./plain/update-codec.js";
import { boundary } from "./replicas.js";

/** The same operations twice: as the engine writes them, and as the plain text does. */
export interface Letter {
  readonly engine: Uint8Array;
  readonly plain: Uint8Array;
}

/** What one of several windows shows: an earlier version, and what was typed there since. */
interface Window {
  readonly version: VersionVector;
  readonly own: OperationRange[];
}

const WORDS = ["a", "xy", "word ", "\n", "é", "😀", "日本", "b😀😀", "\ufeff", "\u0000", "longer text "];

/** The engine and the plain text side by side. What one does, the other does, and both must answer the same. */
export class Twin {
  engine: TextCRDT;
  plain: PlainText;
  readonly name: string;
  readonly #rng: Random;
  readonly #hasDepthsAtOnce: boolean;
  #window: Window | undefined;

  constructor(name: string, rng: Random) {
    this.name = name;
    this.#rng = rng;
    this.engine = new TextCRDT(replicaId(name));
    this.plain = new PlainText(replicaId(name));
    this.#hasDepthsAtOnce = rng.once(2);
    this.#prepare();
  }

  get version(): VersionVector {
    return this.plain.version;
  }

  /** Types a word or deletes a few characters, more often than not near the start, where all get in each other's way. */
  edit(): void {
    const text = this.plain.toString();
    const reach = this.#rng.once(2) ? Math.min(text.length, 4) : text.length;
    const offset = boundary(text, this.#rng.int(reach + 1));
    if (this.#rng.int(10) < 6 || text === "") {
      const word = this.#rng.pick(WORDS);
      expectSame(
        this.engine.insert(offset, word),
        this.plain.insert(offset, word),
        "the id of what was typed",
      );
    } else {
      const end = boundary(text, Math.min(text.length, offset + 1 + this.#rng.int(6)));
      this.engine.delete(offset, Math.max(0, end - offset));
      this.plain.delete(offset, Math.max(0, end - offset));
    }
  }

  /** Deletes one character by its name, dead or not, and types directly behind it. */
  editByName(): void {
    const items = [...this.plain.items()];
    const id = items.length === 0 ? null : this.#rng.pick(items).id;
    if (id !== null)
      expectSame(this.engine.deleteItem(id), this.plain.deleteItem(id), "whether it was there");
    this.#deleteSome(items.map((item) => item.id));
    expectSame(this.engine.insertAfter(id, "+"), this.plain.insertAfter(id, "+"), "the id of what was typed");
  }

  /** Deletes up to two of `ids` in one edit, dead or not. */
  #deleteSome(ids: readonly ItemId[]): void {
    if (ids.length === 0 || !this.#rng.once(4)) return;
    const some = [this.#rng.pick(ids), this.#rng.pick(ids)];
    const before = this.plain.toString();
    const { deleted, count, delta } = deleteItems(this.engine, some);
    expectSame(
      deleted,
      some.map((id) => this.plain.deleteItem(id)),
      "which were there",
    );
    expectSame(count, deleted.filter(Boolean).length, "how many operations that took");
    expectSame(delta.applyTo(before), this.plain.toString(), "what the delta of a deletion leads to");
  }

  /** Adds an operation that is no text, empty or of some bytes. */
  addRow(): void {
    const [kind, bytes] = [this.#rng.int(65_536), new Uint8Array(this.#rng.int(4)).fill(7)];
    expectSame(this.engine.appendRow(kind, bytes), this.plain.appendRow(kind, bytes), "the id of a row");
  }

  /** Somebody else edits here from now on, or again. */
  changeWriter(): void {
    const writer = replicaId(this.#rng.once(2) ? this.name : `${this.name}-${this.#rng.int(3)}`);
    this.engine.writeAs(writer);
    this.plain.writeAs(writer);
  }

  /** Opens a window on `version`: later edits in it count positions in what it shows. */
  openWindow(version: VersionVector): void {
    this.#window = { version, own: [] };
  }

  /** Edits what the window shows, while the text has gone on. */
  editInWindow(): void {
    this.#window ??= { version: this.version, own: [] };
    const view = this.#window;
    const text = this.plain.textIn(view);
    const before = this.version.get(this.plain.replica);
    const offset = boundary(text, this.#rng.int(text.length + 1));
    const sequence = TextCRDT.engineOf(this.engine);
    expectSame(
      caretIn(sequence, view, offset),
      caretByWalk(sequence, view, offset),
      "the caret, found both ways",
    );
    if (this.#rng.once(2)) {
      const word = this.#rng.pick(WORDS);
      const typed = insertIn(this.engine, view, offset, word);
      expectSame(typed, this.plain.insertIn(view, offset, word), "the id of what was typed");
    } else {
      const end = Math.max(offset, boundary(text, Math.min(text.length, offset + this.#rng.int(5))));
      const [shown, walked] = [elementsShown, elementsByWalk].map((find) =>
        find(sequence, view, offset, end).flatMap(([first, count]) =>
          [...Array(count).keys()].map((i) => first + i),
        ),
      );
      expectSame(shown, walked, "what is shown, found both ways");
      const shownNow = this.plain.toString();
      const { count, delta } = deleteIn(this.engine, view, offset, end - offset);
      expectSame(count, this.plain.deleteIn(view, offset, end - offset), "how many were deleted");
      expectSame(delta.applyTo(shownNow), this.plain.toString(), "what the delta of a deletion leads to");
    }
    const after = this.version.get(this.plain.replica);
    if (after > before) view.own.push({ replica: this.plain.replica, from: before + 1, to: after });
  }

  /** What was done here since the last time. */
  takeLetter(): Letter | undefined {
    const [engine, plain] = [this.engine.takeUpdate(), this.plain.takeUpdate()];
    if (engine === undefined || plain === undefined) {
      expectSame(engine, plain, "that there is nothing to send");
      return undefined;
    }
    expectSame(Update.decode(engine).ranges, plainCodec.Update.decode(plain).ranges, "what is sent");
    return { engine, plain };
  }

  /** What `since` lacks. */
  letterSince(since: VersionVector): Letter {
    return { engine: this.engine.encodeUpdate(since), plain: this.plain.encodeUpdate(since) };
  }

  /** Takes a letter in. Whatever it does, it does to both. */
  take(letter: Letter): void {
    const before = this.plain.toString();
    const mine = this.engine.receive(letter.engine);
    const theirs = this.plain.receive(letter.plain);
    // How many may differ: the engine holds stretches, and may hold an operation in two of them.
    expectSame(mine.waiting > 0, theirs.waiting > 0, "whether something waits");
    expectSame(byName(mine), byName(theirs), "what was applied");
    expectSame(mine.refused, [], "what was refused");
    expectSame(mine.delta.applyTo(before), this.plain.toString(), "what the delta leads to");
    expectSame(mine.delta.steps, theirs.delta.steps, "the delta");
  }

  /** Everything as one state: in the order of the text for the engine, by id for the plain text. */
  state(options: { readonly withoutDeleted?: boolean } = {}): Letter {
    return { engine: encodeState(this.engine, options), plain: this.plain.encodeUpdate() };
  }

  /** Whether no characters of deleted text are missing here. */
  get holdsAll(): boolean {
    return !TextCRDT.engineOf(this.engine).characters.hasMissing;
  }

  /** Goes away and comes back with what `saved` makes of it; what had waited is lost and must come again. */
  reload(saved: (text: TextCRDT, name: string) => TextCRDT): void {
    const plain = new PlainText(replicaId(this.name));
    plain.applyUpdate(this.plain.encodeUpdate());
    this.engine = saved(this.engine, this.name);
    this.plain = plain;
    this.#prepare();
  }

  /** Compares everything that can be asked, and looks whether the engine is whole. */
  check(): void {
    const { engine, plain } = this;
    checkInvariants(TextCRDT.engineOf(engine));
    const text = plain.toString();
    expectSame(engine.toString(), text, "the text");
    expectSame(engine.length, text.length, "the length");
    expectSame(engine.version.toJSON(), plain.version.toJSON(), "the version");
    expectSameItems(engine.items(), plain.items());
    const offset = boundary(text, this.#rng.int(text.length + 1));
    expectSame(engine.slice(offset, text.length), text.slice(offset), "a part of the text");
    const side = this.#rng.pick(["left", "right"] as const);
    const anchor = plain.anchorAt(offset, side);
    expectSame(engine.anchorAt(offset, side), anchor, "an anchor");
    expectSame(engine.offsetOf(anchor), plain.offsetOf(anchor), "where an anchor is");
    const place = plain.lineColumnAt(offset);
    expectSame(lineColumnAt(engine, offset), place, "a line and a column");
    expectSame(offsetAt(engine, place), offset, "where a line and a column are");
  }

  /** Compares what can be read of the past. */
  checkPast(from: VersionVector, to: VersionVector): void {
    if (!this.version.covers(from) || !this.version.covers(to)) return;
    expectSame(this.engine.textAt(from), this.plain.textAt(from), "an earlier text");
    expectSame(
      this.engine.diff(from, to).steps,
      this.plain.diff(from, to).steps,
      "the way between two versions",
    );
    expectSame([...this.engine.rows()], [...this.plain.rows()], "the rows");
  }

  #prepare(): void {
    if (this.#hasDepthsAtOnce) TextCRDT.engineOf(this.engine).placement.prepare();
  }
}

/** `letter` without what lies beyond `top`: cut off at any element. */
export function cutOff(letter: Letter, top: VersionVector): Letter {
  const topOf = (replica: string) => top.get(replicaId(replica));
  const operations = [...operationsOf(Update.decode(letter.engine))];
  const kept = upTo(operations, topOf, operationLength, sliceOperation);
  return { engine: forge(...kept), plain: plainUpTo(letter.plain, topOf) };
}

/** Several letters in one. */
export function inOne(letters: readonly Letter[]): Letter {
  const engine = mergeUpdates(letters.map((letter) => letter.engine));
  return { engine, plain: plainCodec.mergeUpdates(letters.map((letter) => letter.plain)) };
}

function plainUpTo(update: Uint8Array, topOf: (replica: string) => number): Uint8Array {
  const operations = [...plainCodec.Update.decode(update).operations()];
  const { sliceOperation: slice } = plainOperation;
  return plainCodec.encodeOperations(upTo(operations, topOf, operationLength, slice));
}

function upTo<T extends { readonly id: { readonly replica: string; readonly seq: number } }>(
  operations: readonly T[],
  topOf: (replica: string) => number,
  length: (operation: T) => number,
  slice: (operation: T, from: number, to: number) => T,
): T[] {
  return operations.flatMap((operation) => {
    const left = Math.min(length(operation), topOf(operation.id.replica) - operation.id.seq + 1);
    return left > 0 ? [slice(operation, 0, left)] : [];
  });
}

function byName({ applied, rows }: Pick<Received, "applied" | "rows">): unknown[] {
  const name = (id: { replica: string; seq: number }) => `${id.replica}:${id.seq}`;
  return [
    // What was applied in one go, or in two that meet, is the same.
    new VersionVector(applied.map(({ replica, to }) => [replica, to])).toJSON(),
    applied.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    [...rows].sort((a, b) => (name(a.id) < name(b.id) ? -1 : 1)),
  ];
}
