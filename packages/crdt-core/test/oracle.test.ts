import { describe, expect, it } from "vitest";
import { replicaId, TextCRDT, VersionVector } from "../src/index.js";
import { TREE_SHAPE } from "../src/text/span-tree.js";
import { checkInvariants } from "./support/invariants.js";
import { TextCRDT as PlainText } from "./support/plain/text-crdt.js";
import { Random, seeds } from "./support/random.js";
import { boundary } from "./support/replicas.js";

// The engine beside the plain text: the same edits, the same deliveries, and after each step the same of everything.

const WORDS = ["a", "xy", "word ", "\n", "é", "😀", "日本", "longer text "];
const NAMES = ["ann", "bob", "cyd", "dan", "eve", "fox"];

/** The two side by side. What one does, the other does. */
class Pair {
  engine: TextCRDT;
  /** Whether operations wait here; a saved text does not hold those. */
  isWaiting = false;
  readonly plain: PlainText;

  constructor(name: string) {
    this.engine = new TextCRDT(replicaId(name));
    this.plain = new PlainText(replicaId(name));
  }

  edit(random: Random): void {
    const text = this.plain.toString();
    const offset = boundary(text, random.int(text.length + 1));
    if (random.int(10) < 6 || text === "") {
      const word = random.pick(WORDS);
      expect(this.engine.insert(offset, word)).toEqual(this.plain.insert(offset, word));
    } else if (random.once(8)) {
      const { id } = random.pick([...this.plain.items()]);
      expect(this.engine.deleteItem(id)).toBe(this.plain.deleteItem(id));
      expect(this.engine.insertAfter(id, "+")).toEqual(this.plain.insertAfter(id, "+"));
    } else {
      const end = boundary(text, Math.min(text.length, offset + 1 + random.int(4)));
      this.engine.delete(offset, Math.max(0, end - offset));
      this.plain.delete(offset, Math.max(0, end - offset));
    }
  }

  /** Edits what an earlier version showed. */
  editIn(version: VersionVector, random: Random): void {
    const view = { version, own: [] };
    const text = this.plain.textAt(version);
    const offset = boundary(text, random.int(text.length + 1));
    const end = Math.max(offset, boundary(text, Math.min(text.length, offset + random.int(4))));
    if (random.once(2))
      expect(this.engine.insertIn(view, offset, "v")).toEqual(this.plain.insertIn(view, offset, "v"));
    else
      expect(this.engine.deleteIn(view, offset, end - offset)).toBe(
        this.plain.deleteIn(view, offset, end - offset),
      );
  }

  /** Takes in what `from` has and `since` lacks: causes may be missing, and come later. */
  take(from: Pair, since: VersionVector): void {
    const before = this.plain.toString();
    const mine = this.engine.receive(from.engine.encodeUpdate(since));
    const theirs = this.plain.receive(from.plain.encodeUpdate(since));
    // How many may differ: the engine holds stretches, and may hold an operation in two of them.
    expect(mine.waiting > 0).toBe(theirs.waiting > 0);
    expect(mine.delta.applyTo(before)).toBe(this.plain.toString());
    expect(mine.delta.steps).toEqual(theirs.delta.steps);
    expect(mine.refused).toEqual([]);
    this.isWaiting = mine.waiting > 0;
  }

  /** Saves, and goes on with what was loaded: opened by a question, an edit, or by being saved again. */
  reload(random: Random): void {
    if (this.isWaiting) return;
    const bytes = this.engine.encodeState();
    this.engine = TextCRDT.load(this.engine.replica, bytes);
    expect([this.engine.toString(), this.engine.length]).toEqual([this.plain.toString(), this.plain.length]);
    expect(this.engine.version.toJSON()).toEqual(this.plain.version.toJSON());
    if (random.once(2)) TextCRDT.engineOf(this.engine);
    expect(this.engine.encodeState()).toEqual(bytes);
  }

  /** Takes in all that `from` has as one state, as a stranger's. */
  takeState(from: Pair, random: Random): void {
    const before = this.plain.toString();
    this.plain.receive(from.plain.encodeUpdate());
    const { delta, waiting } = this.engine.receive(
      from.engine.encodeState({ withoutDeleted: random.once(2) }),
    );
    expect(delta.applyTo(before)).toBe(this.plain.toString());
    this.isWaiting = waiting > 0;
  }

  check(random: Random): void {
    checkInvariants(TextCRDT.engineOf(this.engine));
    expect(this.engine.toString()).toBe(this.plain.toString());
    expect(this.engine.length).toBe(this.plain.length);
    expect(this.engine.version.toJSON()).toEqual(this.plain.version.toJSON());
    expect([...this.engine.items()]).toEqual([...this.plain.items()]);
    const offset = boundary(this.plain.toString(), random.int(this.plain.length + 1));
    const side = random.pick(["left", "right"] as const);
    const anchor = this.plain.anchorAt(offset, side);
    expect(this.engine.anchorAt(offset, side)).toEqual(anchor);
    expect(this.engine.offsetOf(anchor)).toBe(this.plain.offsetOf(anchor));
    const place = this.plain.lineColumnAt(offset);
    expect(this.engine.lineColumnAt(offset)).toEqual(place);
    expect(this.engine.offsetAt(place)).toBe(offset);
  }

  checkHistory(version: VersionVector): void {
    expect(this.engine.textAt(version)).toBe(this.plain.textAt(version));
    expect(this.engine.diff(version).steps).toEqual(this.plain.diff(version).steps);
  }
}

/** A version below `version`, cut anywhere: at any element of any run. */
function cut(version: VersionVector, random: Random): VersionVector {
  const entries = [...version].map(
    ([replica, seq]) => [replica, random.once(3) ? seq : random.int(seq + 1)] as const,
  );
  return new VersionVector(entries.filter(([, seq]) => seq > 0));
}

const TIMES = Number(process.env["HISTORIES"] ?? 400);

describe("the engine and the plain text", () => {
  it.each(seeds(TIMES))("agree on everything after every step, seed %i", (seed) => {
    const random = new Random(seed);
    Object.assign(TREE_SHAPE, { leafCapacity: random.pick([4, 5, 8, 32]), fanOut: random.pick([3, 4, 32]) });
    const pairs = NAMES.slice(0, 2 + random.int(5)).map((name) => new Pair(name));
    if (random.once(2)) for (const { engine } of pairs) TextCRDT.engineOf(engine).placement.prepare();
    const versions: VersionVector[] = [new VersionVector()];
    for (let step = 0; step < 40; step++) {
      const pair = random.pick(pairs);
      const choice = random.int(10);
      if (choice < 5) pair.edit(random);
      else if (random.once(8)) pair.reload(random);
      else if (choice < 6) {
        const known = versions.filter((version) => pair.plain.version.covers(version));
        pair.editIn(random.pick(known), random);
      } else {
        const from = random.pick(pairs);
        pair.take(from, random.once(3) ? cut(from.plain.version, random) : pair.plain.version);
      }
      pair.check(random);
      versions.push(pair.plain.version);
    }
    for (const pair of pairs) {
      for (const from of pairs) pair.take(from, pair.plain.version);
      pair.check(random);
      for (let i = 0; i < 4; i++) {
        const version = random.pick(versions);
        if (pair.plain.version.covers(version)) pair.checkHistory(version);
      }
    }
    for (const pair of pairs) {
      expect(pair.engine.encodeUpdate()).toEqual(pairs[0].engine.encodeUpdate());
      expect(pair.engine.encodeState()).toEqual(pairs[0].engine.encodeState());
    }
    const joiner = new Pair("joiner");
    joiner.takeState(pairs[0], random);
    if (!TextCRDT.engineOf(joiner.engine).characters.hasMissing) joiner.check(random);
    joiner.edit(random);
    joiner.take(pairs[0], new VersionVector());
    joiner.check(random);
    pairs[0].take(joiner, pairs[0].plain.version);
    pairs[0].check(random);
    joiner.checkHistory(random.pick(versions));
  });
});
