import { HybridLogicalClock, replicaId, Writer } from "@motet/crdt-core";

import { random, seeds } from "@motet/testing";
import { describe, expect, it, vi } from "vitest";
import { type Document, documentId } from "../src/index.js";
import { counterKind } from "../src/kinds/counter.js";
import { replicas, said, someOperation, sync, type } from "./support/replicas.js";
import { codeOf } from "./support/world.js";

describe("a document", () => {
  it("is empty before anybody wrote", () => {
    const [ann] = replicas("ann");
    expect(ann.snapshot()).toMatchObject({ id: "novel", text: "", title: "", versionNumber: 0 });
    expect(ann.counter("likes")).toBe(0);
    expect(ann.takeUpdate()).toBeUndefined();
  });

  it("takes every kind of operation, each with an id of one sequence", () => {
    const [ann] = replicas("ann");
    ann.apply({ type: "insert", position: 0, text: "Call me" }, 0);
    ann.apply({ type: "set_title", title: "Moby-Dick" }, 0);
    ann.apply({ type: "increment_counter", counter: "likes", amount: -2 }, 0);
    ann.apply({ type: "set_field", field: "language", value: "en" }, 0);
    ann.apply({ type: "delete", position: 4, length: 3 }, 0);
    expect(said(ann)).toEqual({
      text: "Call",
      title: "Moby-Dick",
      counters: [["likes", -2]],
      fields: [["language", "en"]],
      version: { ann: 7 + 1 + 1 + 1 + 3 },
    });
  });

  it("grows by one version with each operation, by n for n characters, whatever UTF-16 makes of them", () => {
    const [ann] = replicas("ann");
    expect(ann.apply({ type: "insert", position: 0, text: "a😀b" }, 0)).toMatchObject({
      before: 0,
      version: 3,
    });
    expect(ann.apply({ type: "delete", position: 1, length: 2 }, 0)).toMatchObject({ before: 3, version: 4 });
    expect(ann.apply({ type: "set_title", title: "t" }, 0)).toMatchObject({ before: 4, version: 5 });
    expect(ann.versionNumber).toBe(5);
  });

  it("hands out an update once, for others to take in", () => {
    const [ann, bob] = replicas("ann", "bob");
    const update = type(ann, 0, "hello");
    expect(ann.takeUpdate()).toBeUndefined();
    const change = bob.receive(update);
    expect(change.operations()).toEqual([{ type: "insert", position: 0, text: "hello" }]);
    expect(change.applied).toEqual([{ replica: "ann", from: 1, to: 5 }]);
  });

  it("tells a change as operations that each count in the text after the one before", () => {
    const [ann, bob] = replicas("ann", "bob");
    sync(ann, bob);
    type(ann, 0, "one two three");
    sync(ann, bob);
    const copy = bob.text;
    ann.apply({ type: "delete", position: 4, length: 4 }, 0);
    ann.apply({ type: "insert", position: 0, text: "zero " }, 0);
    ann.apply({ type: "insert", position: ann.length, text: "!" }, 0);
    ann.apply({ type: "set_title", title: "count" }, 0);
    let text = copy;
    for (const operation of bob.merge(ann).operations()) {
      if (operation.type === "insert") {
        text = text.slice(0, operation.position) + operation.text + text.slice(operation.position);
      }
      if (operation.type === "delete") {
        text = text.slice(0, operation.position) + text.slice(operation.position + operation.length);
      }
    }
    expect(text).toBe("zero one three!");
    expect(bob.text).toBe(text);
  });

  it("refuses a position beyond the text or inside a character, and stays as it was (A19)", async () => {
    const [ann] = replicas("ann");
    type(ann, 0, "a😀");
    for (const position of [-1, 2, 4, 0.5, Number.NaN]) {
      expect(await codeOf(() => ann.apply({ type: "insert", position, text: "x" }, 0))).toBe("OUT_OF_RANGE");
      expect(await codeOf(() => ann.apply({ type: "delete", position, length: 1 }, 0))).toBe("OUT_OF_RANGE");
    }
    expect(await codeOf(() => ann.apply({ type: "insert", position: 0, text: "\ud83d" }, 0))).toBe(
      "MALFORMED",
    );
    expect(await codeOf(() => ann.apply({ type: "insert", position: 0, text: "" }, 0))).toBe("MALFORMED");
    expect(said(ann)).toMatchObject({ text: "a😀", version: { ann: 2 } });
    expect(ann.takeUpdate()).toBeUndefined();
  });

  it("refuses operations that nobody can mean, and stays as it was", async () => {
    const [ann] = replicas("ann");
    const operations = [
      { type: "set_title", title: "x".repeat(1001) },
      { type: "set_title", title: "\udc00" },
      { type: "increment_counter", counter: "", amount: 1 },
      { type: "increment_counter", counter: "c", amount: 0 },
      { type: "increment_counter", counter: "c", amount: 1.5 },
      { type: "increment_counter", counter: "c", amount: 2 ** 31 },
      { type: "set_field", field: "f", value: Number.NaN },
      { type: "set_field", field: "f", value: { nested: true } },
      { type: "set_field", field: "f".repeat(129), value: 1 },
      { type: "explode" },
      { type: "constructor" },
    ];
    for (const operation of operations) {
      expect([operation, await codeOf(() => ann.apply(operation as never, 0))]).toEqual([
        operation,
        "MALFORMED",
      ]);
    }
    expect(ann.versionNumber).toBe(0);
    expect(ann.takeUpdate()).toBeUndefined();
  });

  it("keeps names that mean something to JavaScript as plain data (C2)", () => {
    const [ann, bob] = replicas("ann", "bob");
    for (const name of ["__proto__", "constructor", "prototype"]) {
      ann.apply({ type: "increment_counter", counter: name, amount: 2 }, 0);
      ann.apply({ type: "set_field", field: name, value: true }, 0);
    }
    sync(ann, bob);
    expect(bob.counter("__proto__")).toBe(2);
    expect([...bob.fields.keys()]).toEqual(["__proto__", "constructor", "prototype"]);
    expect("polluted" in {}).toBe(false);
  });

  it("says line and column of a place, and keeps an anchor with its character", () => {
    const [ann] = replicas("ann");
    type(ann, 0, "one\ntwo");
    const anchor = ann.anchorAt(4, "right");
    type(ann, 0, ">> ");
    expect(ann.lineColumnAt(ann.offsetOf(anchor))).toEqual({ line: 1, column: 0 });
    expect(ann.offsetAt({ line: 1, column: 2 })).toBe(9);
  });
});

describe("replicas of a document", () => {
  it("keep both words whole when two people type at the same place (A8)", () => {
    const [ann, bob] = replicas("ann", "bob");
    type(ann, 0, "hello");
    type(bob, 0, "world");
    sync(ann, bob);
    expect(ann.text).toBe("worldhello");
    expect(bob.text).toBe(ann.text);
  });

  it("hold what depends on something unseen until that comes, whatever the kind (A3, A4, A12)", () => {
    const [ann, bob] = replicas("ann", "bob");
    const first = type(ann, 0, "abc");
    ann.apply({ type: "set_title", title: "later" }, 1);
    ann.apply({ type: "delete", position: 0, length: 1 }, 1);
    const later = ann.takeUpdate()!;
    expect(bob.receive(later)).toMatchObject({ isEmpty: true, version: 0, waiting: 2 });
    expect(bob.title).toBe("");
    expect(bob.receive(first)).toMatchObject({ title: "later", version: 5, waiting: 0 });
    expect(said(bob)).toEqual(said(ann));
  });

  it("are not changed by what they know (A2)", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.apply({ type: "increment_counter", counter: "likes", amount: 1 }, 0);
    ann.apply({ type: "insert", position: 0, text: "x" }, 0);
    const update = ann.takeUpdate()!;
    bob.receive(update);
    const again = bob.receive(update);
    expect(again.isEmpty && again.applied.length === 0).toBe(true);
    expect(bob.counter("likes")).toBe(1);
  });

  it("refuse other content under an id they know, and keep the first (A9)", async () => {
    const [ann, bob] = replicas("ann", "bob");
    const [twin] = replicas("ann");
    bob.receive(type(ann, 0, "first"));
    twin.apply({ type: "set_title", title: "second" }, 0);
    expect(await codeOf(() => bob.receive(twin.takeUpdate()!))).toBe("CONFLICT");
    expect(said(bob)).toEqual(said(ann));
  });

  it("take all of an update or nothing (B12)", async () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.apply({ type: "insert", position: 0, text: "good" }, 0);
    ann.apply({ type: "set_title", title: "good" }, 0);
    const good = ann.takeUpdate()!;
    const titleAt = good.lastIndexOf("g".charCodeAt(0));
    const bad = good.slice();
    bad[titleAt] = 0xff;
    expect(await codeOf(() => bob.receive(bad))).toBe("MALFORMED");
    expect(bob.versionNumber).toBe(0);
    bob.receive(good);
    expect(said(bob)).toEqual(said(ann));
  });

  it("give equal titles' stamps to the higher replica, then the higher seq, everywhere (A17)", () => {
    const [ann, bob, late] = replicas("ann", "bob", "late");
    for (const [document, titles] of [
      [ann, ["a1", "a2"]],
      [bob, ["b1", "b2"]],
    ] as const) {
      for (const title of titles) document.apply({ type: "set_title", title }, 1000);
    }
    const [fromAnn, fromBob] = [ann.encode(), bob.encode()];
    sync(ann, bob);
    for (const update of [fromBob, fromAnn]) late.receive(update);
    expect([ann.title, bob.title, late.title]).toEqual(["b2", "b2", "b2"]);
  });

  it("let the later title win, whatever the order of arrival, and go on above it", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.apply({ type: "set_title", title: "late" }, 5000);
    bob.apply({ type: "set_title", title: "early" }, 4000);
    sync(ann, bob);
    expect([ann.title, bob.title]).toEqual(["late", "late"]);
    bob.apply({ type: "set_title", title: "after" }, 100); // His clock is behind; what he saw is not.
    sync(ann, bob);
    expect([ann.title, bob.title]).toEqual(["after", "after"]);
  });

  it("set fields by name, the last writer of each winning, null taking one away", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.apply({ type: "set_field", field: "size", value: 12 }, 1);
    ann.apply({ type: "set_field", field: "font", value: "serif" }, 1);
    bob.apply({ type: "set_field", field: "size", value: 14 }, 2);
    sync(ann, bob);
    expect([...ann.fields]).toEqual([
      ["font", "serif"],
      ["size", 14],
    ]);
    ann.apply({ type: "set_field", field: "size", value: null }, 3);
    sync(ann, bob);
    expect([...bob.fields.keys()]).toEqual(["font"]);
  });

  it("count exactly past the numbers that one operation adds, in any order", () => {
    const [ann, bob] = replicas("ann", "bob");
    const rows = (document: Document, amount: number, times: number) => {
      for (let n = 0; n < times; n++) document.apply({ type: "increment_counter", counter: "c", amount }, 0);
    };
    rows(ann, 2 ** 31 - 1, 50);
    rows(bob, -(2 ** 31 - 1), 49);
    sync(ann, bob);
    expect([ann.counter("c"), bob.counter("c")]).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
  });

  it("stop at the last number that is exact, which every client takes, and come back from beyond it exactly", () => {
    const beyond = vi.spyOn(counterKind, "empty").mockImplementation(() => new Map([["c", 2n ** 53n + 5n]]));
    const [ann] = replicas("ann");
    expect(ann.counter("c")).toBe(2 ** 53 - 1);
    beyond.mockRestore();
    const counts = [-1, -10].map((amount) => {
      ann.apply({ type: "increment_counter", counter: "c", amount }, 0);
      return [ann.counter("c"), ann.counters.get("c")];
    });
    expect(counts).toEqual([
      [2 ** 53 - 1, 2 ** 53 - 1],
      [2 ** 53 - 6, 2 ** 53 - 6],
    ]);
  });

  it("keep and pass on rows of kinds that only a newer version knows", async () => {
    const [ann, bob] = replicas("ann", "bob");
    const { TextCRDT } = await import("@motet/crdt-core");
    const newer = new TextCRDT(replicaId("newer"));
    newer.appendRow(60_000, new Writer().string("from the future").finish());
    newer.insert(0, "x");
    ann.receive(newer.encodeUpdate());
    bob.merge(ann);
    expect(bob.text).toBe("x");
    expect(bob.operations(replicas("none")[0].version).map((one) => one.operation.type)).toEqual([
      "unknown",
      "insert",
    ]);
  });

  it.each(seeds(40))(
    "say the same when they have seen the same, in whatever order it came, seed %i (A1, A16)",
    (seed) => {
      const rng = random(seed);
      const names = ["ann", "bob", "10", "9", "Zoe"].slice(0, 2 + rng.int(4));
      const documents = replicas(...names);
      const updates: Uint8Array[] = [];
      for (let step = 0; step < 60; step++) {
        const author = documents[rng.int(documents.length)]!;
        author.apply(someOperation(rng, author.text), rng.int(1000));
        updates.push(author.takeUpdate()!);
        if (rng.int(4) === 0) documents[rng.int(documents.length)]!.merge(author);
      }
      for (const document of documents) {
        for (const update of shuffled(rng, [...updates, ...updates.slice(0, 5)])) document.receive(update);
      }
      const [first, ...others] = documents;
      for (const other of others) expect(said(other)).toEqual(said(first!));
      for (const other of others) expect(other.encode()).toEqual(first!.encode());
    },
  );
});

describe("a server's clock", () => {
  const update = (wallMs: number): Uint8Array => {
    const [ann] = replicas("ann");
    ann.apply({ type: "set_title", title: "from the future" }, wallMs);
    return ann.takeUpdate()!;
  };

  it("refuses titles stamped more than half a second ahead, and takes the next honest one (H1)", async () => {
    const [server] = replicas("server");
    for (const wallMs of [1_000_501, 8.64e15]) {
      expect(await codeOf(() => server.receive(update(wallMs), 1_000_000))).toBe("CLOCK_AHEAD");
    }
    expect(await codeOf(() => server.receive(update(9e15), 1_000_000))).toBe("MALFORMED");
    expect(server.versionNumber).toBe(0);
    expect(server.receive(update(1_000_500), 1_000_000).title).toBe("from the future");
    expect(server.apply({ type: "set_title", title: "honest" }, 1_000_000).title).toBe("honest");
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("cannot be %d", async (nowMs) => {
    const [ann] = replicas("ann");
    expect(await codeOf(() => ann.apply({ type: "set_title", title: "t" }, nowMs))).toBe("OUT_OF_RANGE");
  });

  it("lets an honest title win over a poisoned one that is in the store already (H2)", () => {
    const [server, client] = replicas("server", "client");
    server.receive(update(8.64e15)); // As it is read from the store: unchecked.
    expect(server.apply({ type: "set_title", title: "honest" }, 1_000_000).title).toBe("honest");
    client.merge(server);
    client.apply({ type: "set_title", title: "also honest" }, 1_000_000);
    expect(server.receive(client.takeUpdate()!, 1_000_000).title).toBe("also honest");
  });

  it("decides nothing about the text (H7)", () => {
    const texts = [1, 2].map((seed) => {
      const rng = random(seed);
      const [ann, bob] = replicas("ann", "bob");
      for (const [document, word] of [
        [ann, "left"],
        [bob, "right"],
      ] as const) {
        document.apply({ type: "set_title", title: word }, rng.int(2 ** 40));
        document.apply({ type: "insert", position: 0, text: word }, rng.int(2 ** 40));
      }
      sync(ann, bob);
      return ann.text;
    });
    expect(new Set(texts).size).toBe(1);
  });

  it("orders its own titles even when it is set back (H3)", () => {
    const [server] = replicas("server");
    server.apply({ type: "set_title", title: "before" }, 2_000_000);
    server.apply({ type: "set_title", title: "after" }, 1_000);
    expect(server.title).toBe("after");
    expect(new HybridLogicalClock().now(5).wallMs).toBe(5);
  });
});

it("names its document only by a name that may be a key (D12)", async () => {
  for (const name of ["", "a/b", "..", "a b", "ä", "x".repeat(129), "a\0"]) {
    expect(await codeOf(() => documentId(name))).toBe("MALFORMED");
  }
});

function shuffled<T>(rng: ReturnType<typeof random>, items: readonly T[]): T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = rng.int(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}
