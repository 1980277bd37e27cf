import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  CrdtError,
  deletionsOf,
  mergeUpdates,
  operationsOf,
  Reader,
  TextCRDT,
  Update,
  Writer,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { Network } from "./support/network.js";
import { copyOf, internalOrder, replicas } from "./support/replicas.js";

function someHistory(rng: Random): { updates: Uint8Array[]; text: TextCRDT } {
  const network = new Network(replicas("ann", "bob", "a-much-longer-name"), rng);
  network.edit(12);
  network.texts[0].appendRow(300, Uint8Array.of(1, 2, 3));
  network.deliverAll();
  return { updates: network.sent, text: network.texts[0] };
}

/** Feeds `bytes` to `text`: either refused and nothing changed, or taken in and everything still fits together. */
function expectRefusedOrWhole(text: TextCRDT, bytes: Uint8Array): void {
  const before = internalOrder(text);
  const version = text.version;
  try {
    text.receive(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CrdtError);
    expect(internalOrder(text)).toEqual(before);
    expect(text.version.equals(version)).toBe(true);
    return;
  }
  expect(forge(...operationsOf(Update.decode(bytes)))).toEqual(bytes);
  const visible = [...text.items()].filter((item) => !item.deleted).map((item) => item.character);
  expect(visible.join("")).toBe(text.toString());
  expect(internalOrder(copyOf(text, "reader"))).toEqual(internalOrder(text));
}

describe("an update", () => {
  it.each(seeds(40))(
    "B10: is the same after decoding, and the same operations give the same bytes, seed %i",
    (seed) => {
      const { updates, text } = someHistory(random(seed));
      for (const update of [...updates, text.encodeUpdate()]) {
        expect(forge(...operationsOf(Update.decode(update)))).toEqual(update);
      }
      expect(copyOf(text, "reader").encodeUpdate()).toEqual(text.encodeUpdate());
    },
  );

  it.each(seeds(10))("tells its deletions alone as it tells them among all others, seed %i", (seed) => {
    const all = Update.decode(someHistory(random(seed)).text.encodeUpdate());
    const deletions = [...operationsOf(all)].filter(({ kind }) => kind === "delete");
    expect(deletions.length).toBeGreaterThan(0);
    expect([...deletionsOf(all)]).toEqual(deletions);
  });

  it.each(seeds(40))(
    "merges with others, in any order and with duplicates, into the same bytes, seed %i",
    (seed) => {
      const rng = random(seed);
      const { updates, text } = someHistory(rng);
      const half = mergeUpdates(rng.shuffled(updates).slice(0, 6));
      const all = mergeUpdates([half, ...rng.shuffled(updates), half]);
      expect(all).toEqual(text.encodeUpdate());
      expect(mergeUpdates([all, all])).toEqual(all);
    },
  );

  it("that says nothing is an update too", () => {
    const [ann, bob] = replicas("ann", "bob");
    expect(ann.applyUpdate(bob.encodeUpdate()).isEmpty).toBe(true);
    expect(mergeUpdates([])).toEqual(bob.encodeUpdate());
  });

  it("joins a deletion however it was cut", () => {
    const seq = (target: number) => id("ann", target);
    const cut = [
      deletion(id("bob", 1), seq(6)),
      deletion(id("bob", 2), seq(5), 2),
      deletion(id("bob", 4), seq(7)),
    ];
    const single = [6, 5, 6, 7].map((target, index) => deletion(id("bob", index + 1), seq(target)));
    expect(forge(...cut)).toEqual(forge(...single));
    expect([...operationsOf(Update.decode(forge(...cut)))]).toEqual([
      deletion(id("bob", 1), seq(6), 2, -1),
      deletion(id("bob", 3), seq(6), 2),
    ]);
  });

  it("is decoded from a copy, so that the sender may use its buffer again", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    const bytes = ann.encodeUpdate();
    const update = Update.decode(bytes);
    bytes.fill(0);
    const [bob] = replicas("bob");
    expect(bob.receive(update).delta.applyTo("")).toBe("abc");
    expect(update.ranges).toEqual([{ replica: "ann", from: 1, to: 3 }]);
  });
});

describe("bytes from a stranger", () => {
  it.each(seeds(10))(
    "B1, B2: every beginning of an update is refused, the empty one too, seed %i",
    (seed) => {
      const { text } = someHistory(random(seed));
      const bytes = text.encodeUpdate();
      for (let length = 0; length < bytes.length; length++) {
        expectRefusal(() => Update.decode(bytes.subarray(0, length)), "MALFORMED");
      }
    },
  );

  it("B7: a byte too many is refused", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    expectRefusal(() => Update.decode(Uint8Array.of(...ann.encodeUpdate(), 0)), "MALFORMED");
  });

  it.each([0, 127, 128, 255])("B11: format %d is refused as unknown", (version) => {
    const [ann] = replicas("ann");
    const bytes = ann.encodeUpdate();
    bytes[0] = version;
    expectRefusal(() => Update.decode(bytes), "UNSUPPORTED_VERSION");
  });

  it.each(seeds(20))(
    "B3, B12: 150 damaged updates are refused whole or make a whole document, seed %i",
    (seed) => {
      const rng = random(seed);
      const { updates, text } = someHistory(rng);
      for (let round = 0; round < 150; round++) {
        const bytes = rng.pick(updates).slice();
        for (let flips = 1 + rng.int(3); flips > 0; flips--) bytes[rng.int(bytes.length)] = rng.int(256);
        expectRefusedOrWhole(rng.once(2) ? copyOf(text) : replicas("fresh")[0], bytes);
      }
    },
  );

  it.each(seeds(5))("B3: 200 strings of random bytes are refused, seed %i", (seed) => {
    const rng = random(seed);
    const [text] = replicas("ann");
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length: rng.int(30) }, () => rng.int(256));
      if (bytes.length > 0) bytes[0] = 1;
      expectRefusedOrWhole(text, bytes);
    }
  });

  it("B5: a deletion of 2^40 characters in a few bytes waits, without room for them being made", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    const bomb = forge(deletion(id("eve", 1), id("ann", 1), 2 ** 40));
    expect(bomb.length).toBeLessThan(32);
    expect(ann.receive(bomb).waiting).toBe(2 ** 40);
    expect(mergeUpdates([bomb, bomb])).toEqual(bomb);
    expect(ann.toString()).toBe("abc");
  });

  it.each([undefined, null, "text", [1, 0, 0], Array(20).fill(0x11), {}])(
    "refuses %j, which are no bytes",
    (value) => {
      expectRefusal(() => Update.decode(value as never), "MALFORMED");
      expectRefusal(() => replicas("ann")[0].applyUpdate(value as never), "MALFORMED");
      expectRefusal(() => TextCRDT.load(id("ann", 1).replica, value as never), "MALFORMED");
    },
  );
});

describe("numbers and strings on the wire", () => {
  const read = (...bytes: number[]) => new Reader(Uint8Array.from(bytes));

  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 49, 2 ** 53 - 1])("keep %d", (value) => {
    const reader = new Reader(new Writer().varint(value).finish());
    expect([reader.varint(), reader.remaining]).toEqual([value, 0]);
  });

  it.each([
    ["longer than needed", [0x80, 0]],
    ["of eleven bytes", Array(11).fill(0xff)],
    ["of 2^53", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ["of 2^64 - 1", [...Array(9).fill(0xff), 1]],
    ["of nine bytes", [...Array(8).fill(0x80), 1]],
    ["that does not end", [0x80]],
  ])("B6: a number %s is refused", (_, bytes) => {
    expectRefusal(() => read(...bytes).varint(), "MALFORMED");
  });

  it.each([2 ** 31, 2 ** 53 - 1])(
    "B4: a count or a length of %d is refused before anything is allocated",
    (count) => {
      const bytes = new Writer().varint(count).u8(0).finish();
      expectRefusal(() => new Reader(bytes).count(), "MALFORMED");
      expectRefusal(() => new Reader(bytes).string(), "MALFORMED");
      expectRefusal(() => new Reader(bytes).bytes(count), "MALFORMED");
    },
  );

  it.each(["", "a", "é", "日本", "😀", "\u0000", "\ufeff", "\u202e", "\uffff\u{10ffff}", "x".repeat(20_000)])(
    "B8: the legal %j is kept, spelled as others spell it",
    (text) => {
      const bytes = new Writer().string(text).finish();
      expect(new Reader(bytes).string()).toBe(text);
      expect([...bytes.slice(bytes.length - Buffer.byteLength(text))]).toEqual([...Buffer.from(text)]);
    },
  );

  it.each([
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a spelling longer than needed", [0xc0, 0x80]],
    ["a spelling longer than needed, of three", [0xe0, 0x80, 0xaf]],
    ["a lone continuation", [0x80]],
    ["an end that comes too early", [0xe2, 0x82]],
    ["a character beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that no character has", [0xff]],
    ["a continuation that is none", [0xc3, 0x41]],
  ])("B8: bad UTF-8 is refused: %s", (_, bytes) => {
    expectRefusal(() => read(bytes.length, ...bytes).string(), "MALFORMED");
  });

  it("half a surrogate pair is never written", () => {
    expectRefusal(() => new Writer().string("\ud83d"), "MALFORMED");
  });
});

describe("a table or a reference in an update", () => {
  const [ann, eve] = ["ann", "eve"];
  it.each([
    ["an operation before the first", insertion(id(eve, 0), "x")],
    ["a reference to seq 0", insertion(id(eve, 1), "x", id(ann, 0))],
    ["a deletion that runs below seq 1", deletion(id(eve, 1), id(ann, 2), 3, -1)],
    ["a deletion that runs beyond the last seq", deletion(id(eve, 1), id(ann, Number.MAX_SAFE_INTEGER), 2)],
    ["a replica that cannot be", insertion({ replica: "a b" as never, seq: 1 }, "x")],
  ])("B9: %s is refused", (_, operation) => {
    expectRefusal(() => Update.decode(forge(operation)), "MALFORMED");
  });
});
