import { describe, expect, it } from "vitest";
import { mergeUpdates, type TextCRDT, Update, VersionVector } from "../src/index.js";
import { operationLength, sliceOperation } from "../src/log/operation.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { Network } from "./support/network.js";
import { Random, seeds } from "./support/random.js";
import { replicas } from "./support/replicas.js";

/** What `text` has, in pieces of one to four operations, as a relay might have stored them. */
function piecesOf(text: TextCRDT, random: Random): Uint8Array[] {
  return [...text.version].flatMap(([replica, last]) => {
    const pieces: Uint8Array[] = [];
    for (let from = 1; from <= last; ) {
      const to = Math.min(last, from + random.int(4));
      const others = [...text.version].filter(([other]) => other !== replica);
      const since = new VersionVector(from > 1 ? [...others, [replica, from - 1]] : others);
      const kept = [...Update.decode(text.encodeUpdate(since)).operations()].flatMap((operation) => {
        const count = Math.min(operationLength(operation), to - operation.id.seq + 1);
        return count > 0 ? [sliceOperation(operation, 0, count)] : [];
      });
      pieces.push(forge(...kept));
      from = to + 1;
    }
    return pieces;
  });
}

describe("updates in one", () => {
  it.each(seeds(100))("are the whole again, cut at any element and merged in any order, seed %i", (seed) => {
    const random = new Random(seed);
    const network = new Network(replicas("ann", "bob", "Zb3-_kq01Xy"), random);
    network.edit(14);
    network.deliverAll();
    const [text] = network.texts;
    const pieces = random.shuffled([...piecesOf(text, random), ...piecesOf(text, random)]);
    expect(mergeUpdates(pieces)).toEqual(text.encodeUpdate());
    const half = random.int(pieces.length);
    const inTwo = [mergeUpdates(pieces.slice(0, half)), mergeUpdates(pieces.slice(half))];
    expect(mergeUpdates(inTwo)).toEqual(text.encodeUpdate());
    const [reader] = replicas("reader");
    for (const piece of pieces) reader.applyUpdate(piece);
    expect(reader.encodeUpdate()).toEqual(text.encodeUpdate());
  });

  it("do not lend text the right origin of what it was typed behind", () => {
    const [ann] = replicas("ann");
    const seen = forge(insertion(id("ann", 1), "ab", null, id("bob", 1)), insertion(id("bob", 1), "]"));
    ann.applyUpdate(seen);
    const first = new VersionVector([
      ["ann", 1],
      ["bob", 1],
    ] as never);
    const another = forge(insertion(id("ann", 3), "c", id("ann", 2)));
    const merged = mergeUpdates([ann.encodeUpdate(first), another]);
    expect([...Update.decode(merged).operations()]).toEqual([
      { ...insertion(id("ann", 2), "b", id("ann", 1)), right: undefined },
      insertion(id("ann", 3), "c", id("ann", 2)),
    ]);
  });

  it("keep the right origin of text whose characters were left out, wherever it is cut", () => {
    const around = [insertion(id("bob", 1), "()"), deletion(id("bob", 3), id("ann", 1), 4)];
    const leftOut = { ...insertion(id("ann", 1), "", id("bob", 1), id("bob", 2)), leftOut: 4 };
    const known = insertion(id("ann", 1), "ab", id("bob", 1), id("bob", 2));
    const [reader] = replicas("reader");
    reader.applyUpdate(mergeUpdates([forge(leftOut, ...around), forge(known)]));
    expect([...reader.items()].map(({ character, right }) => [character, right])).toEqual([
      ["(", null],
      ["a", id("bob", 2)],
      ["b", id("bob", 2)],
      ["", id("bob", 2)],
      ["", id("bob", 2)],
      [")", null],
    ]);
  });
});
