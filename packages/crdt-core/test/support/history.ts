import { type Random, random } from "@motet/testing";
import { encodeState, forgetBefore, replicaId, TextCRDT, VersionVector } from "../../src/index.js";
import { TREE_SHAPE } from "../../src/text/span-tree.js";
import { expectSame } from "./expect-same.js";
import { copyOf } from "./replicas.js";
import { cutOff, inOne, type Letter, Twin } from "./twin.js";

/** Ids of all lengths; the third and fourth have the usual one. Compared as text: "10" stands before "9". */
const NAMES = ["ann", "9", "Zb3-_kq01Xy", "aB4-_kq01Xy", "10", `long-${"x".repeat(50)}`];

const STEPS = 20;
const TWINS_MAX = 6;

/** Saved and loaded by id. */
function viaUpdate(text: TextCRDT, name: string): TextCRDT {
  return TextCRDT.load(replicaId(name), text.encodeUpdate());
}

/** Saved and loaded as a state, which is read at once and opened when something needs it. */
function viaState(text: TextCRDT, name: string): TextCRDT {
  const bytes = encodeState(text);
  const loaded = TextCRDT.load(replicaId(name), bytes);
  expectSame(
    [loaded.toString(), loaded.length],
    [text.toString(), text.length],
    "the text of what was loaded",
  );
  expectSame(loaded.version.toJSON(), text.version.toJSON(), "the version of what was loaded");
  expectSame(encodeState(loaded), bytes, "the bytes of what was loaded");
  const [cut, written] = [loaded, text].map((each) => encodeState(each, { withoutDeleted: true }));
  expectSame(cut, written, "what was loaded, without deleted text");
  return loaded;
}

/**
 * A history told twice, to the engine and to the plain text: two to six replicas edit, send, lose, repeat, cut, merge,
 * save and load, in an order that the seed decides. Small leaves in most, so that they split often.
 */
export class History {
  readonly #rng: Random;
  readonly #twins: Twin[];
  /** What is on its way to each twin. */
  readonly #inTransit: Letter[][];
  readonly #versions = [new VersionVector()];

  constructor(seed: number) {
    this.#rng = random(seed);
    const [leafCapacity, fanOut] = [this.#rng.pick([4, 5, 8, 32]), this.#rng.pick([3, 4, 32])];
    Object.assign(TREE_SHAPE, { leafCapacity, fanOut });
    const names = this.#rng.shuffled(NAMES).slice(0, 2 + this.#rng.int(5));
    this.#twins = names.map((name) => new Twin(name, this.#rng));
    this.#inTransit = names.map(() => []);
  }

  /** Plays the history to its end, where everybody has everything. */
  play(): void {
    for (let step = 0; step < STEPS; step++) this.#step();
    this.#meet();
    for (const twin of this.#twins) {
      twin.checkPast(this.#rng.pick(this.#versions), this.#rng.pick(this.#versions));
      twin.checkPast(this.#rng.pick(this.#versions), twin.version);
    }
  }

  #step(): void {
    const number = this.#rng.int(this.#twins.length);
    const twin = this.#twins[number];
    const choice = this.#rng.int(20);
    if (choice < 7) twin.edit();
    else if (choice < 8) twin.editByName();
    else if (choice < 9) twin.addRow();
    else if (choice < 10) this.#useWindow(twin);
    else if (choice < 11) twin.changeWriter();
    else if (choice < 13) this.#pull(twin);
    else if (choice < 14) this.#reload(number);
    else if (choice < 15 && this.#twins.length < TWINS_MAX) this.#join();
    else this.#deliver(number);
    if (!this.#rng.once(3)) this.#send(number);
    if (this.#rng.once(4)) return; // To look would open a text that was just loaded: the next edit shall do it.
    twin.check();
    this.#versions.push(twin.version);
    if (this.#rng.once(8)) this.#trim(twin);
  }

  /** A copy forgets what was deleted by some version: nothing else changes, and whoever still has that makes it whole again. */
  #trim({ engine }: Twin): void {
    const known = this.#versions.filter((version) => engine.version.covers(version));
    const copy = copyOf(engine, "trimmed");
    const forgotten = forgetBefore(copy, this.#rng.pick(known));
    expectSame(copy.toString(), engine.toString(), "the text of who forgot");
    const all = [...engine.items()];
    const copied = [...copy.items()];
    const kept = copied.map((item, at) => (item.character === "" ? all[at] : item));
    expectSame(kept, all, "the characters of who forgot");
    const lost = kept.filter((_, at) => copied[at].character === "" && all[at].character !== "");
    expectSame([lost.length, lost.every(({ deleted }) => deleted)], [forgotten, true], "what was forgotten");
    const loaded = this.#rng.once(2) ? viaState(copy, "loaded") : viaUpdate(copy, "loaded");
    expectSame(encodeState(loaded), encodeState(copy), "what was saved of who forgot");
    for (const text of [copy, loaded]) text.applyUpdate(engine.encodeUpdate());
    for (const text of [copy, loaded])
      expectSame(encodeState(text), encodeState(engine), "who is whole again");
  }

  #useWindow(twin: Twin): void {
    const known = this.#versions.filter((version) => twin.version.covers(version));
    if (this.#rng.once(2) && twin.holdsAll) twin.openWindow(this.#rng.pick(known));
    for (let count = this.#rng.int(3); count >= 0; count--) twin.editInWindow();
  }

  /** Takes what somebody has and this one lacks; often a part of it only, cut anywhere at both ends. */
  #pull(twin: Twin): void {
    const from = this.#rng.pick(this.#twins.filter(({ holdsAll }) => holdsAll));
    const since = this.#rng.once(2) ? twin.version : this.#cut(from.version);
    const letter = this.#rng.once(4) ? from.state() : from.letterSince(since);
    twin.take(this.#rng.once(2) ? letter : cutOff(letter, this.#cut(from.version)));
  }

  #send(author: number): void {
    const letter = this.#twins[author].takeLetter();
    if (letter === undefined) return;
    this.#inTransit.forEach((queue, to) => {
      if (to !== author) queue.push(letter);
    });
  }

  /** Something arrives, in no order; some of it comes again later, some comes with others in one. */
  #deliver(to: number): void {
    const queue = this.#inTransit[to];
    for (let count = Math.min(queue.length, 1 + this.#rng.int(4)); count > 0; count--) {
      const letters = [this.#rng.pick(queue)];
      if (this.#rng.once(4)) letters.push(this.#rng.pick(queue));
      this.#twins[to].take(letters.length === 1 ? letters[0] : inOne(letters));
      if (!this.#rng.once(5)) queue.splice(queue.indexOf(letters[0]), 1);
    }
  }

  #reload(number: number): void {
    this.#send(number);
    this.#twins[number].reload(this.#rng.pick([copyOf, viaUpdate, viaState]));
  }

  /** Somebody new comes, and gets a state, mostly without the characters of deleted text. */
  #join(): void {
    const from = this.#rng.pick(this.#twins.filter(({ holdsAll }) => holdsAll));
    const newcomer = new Twin(`new-${this.#twins.length}`, this.#rng);
    newcomer.take(from.state({ withoutDeleted: !this.#rng.once(3) }));
    this.#twins.push(newcomer);
    this.#inTransit.push([]);
  }

  /** Everybody takes in what anybody has, and then all are the same, byte for byte. */
  #meet(): void {
    const holders = this.#twins.filter(({ holdsAll }) => holdsAll);
    for (const twin of this.#twins.filter(({ holdsAll }) => !holdsAll)) {
      for (const from of holders) twin.take(from.letterSince(new VersionVector()));
      expectSame(twin.holdsAll, true, "that the characters of deleted text have come");
    }
    for (const twin of this.#twins) {
      for (const from of this.#twins) twin.take(from.letterSince(twin.version));
      twin.check();
    }
    const [first, ...others] = this.#twins.map(({ engine }) => [engine.encodeUpdate(), encodeState(engine)]);
    for (const other of others) expectSame(other, first, "the bytes of two that have the same");
  }

  /** A version below `version`, cut anywhere: at any element of any run. */
  #cut(version: VersionVector): VersionVector {
    const entries = [...version].map(
      ([replica, seq]) => [replica, this.#rng.once(3) ? seq : this.#rng.int(seq + 1)] as const,
    );
    return new VersionVector(entries.filter(([, seq]) => seq > 0));
  }
}
