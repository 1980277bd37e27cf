import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  deleteIn,
  encodeState,
  forgetBefore,
  insertIn,
  replicaId,
  runsOf,
  TextCRDT,
  Update,
  VersionVector,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { copyOf, editAnywhere, internalOrder, replicas, sync } from "./support/replicas.js";

/** The bytes of `update` as text: to look for words in it. */
const readable = (update: Uint8Array) => new TextDecoder("latin1").decode(update);

/** A text whose "secret" was typed and deleted, and what had been seen before and after. */
function redacted() {
  const [ann] = replicas("ann");
  ann.insert(0, "public secret 😀 end");
  const before = ann.version;
  ann.delete(7, 10);
  return { ann, before, after: ann.version };
}

describe("a history that was trimmed", () => {
  it("A15: lets the characters of deleted text go, and keeps ids, order and tombstones", () => {
    const { ann, after } = redacted();
    const order = [...ann.items()].map(({ id, left, right, deleted }) => ({ id, left, right, deleted }));
    expect([forgetBefore(ann, after), forgetBefore(ann, after)]).toEqual([9, 0]);
    expect([...ann.items()].map(({ id, left, right, deleted }) => ({ id, left, right, deleted }))).toEqual(
      order,
    );
    expect(ann.toString()).toBe("public end");
    for (const bytes of [ann.encodeUpdate(), encodeState(ann)])
      expect(readable(bytes)).not.toContain("secret");
  });

  it("A15: answers TRIMMED where a character that is gone would show, and everything else as before", () => {
    const { ann, before, after } = redacted();
    forgetBefore(ann, after);
    expectRefusal(() => ann.textAt(before), "TRIMMED");
    expectRefusal(() => ann.diff(before), "TRIMMED");
    expectRefusal(() => deleteIn(ann, { version: before, own: [] }, 19, 1), "TRIMMED");
    expect(ann.textAt(after)).toBe("public end");
    expect(ann.diff(new VersionVector()).steps).toEqual([{ insert: "public end" }]);
    expect([...runsOf(ann)].map(({ text, length, deleted }) => [text, length, deleted])).toEqual([
      ["public ", 7, false],
      ["", 9, true],
      ["end", 3, false],
    ]);
  });

  it("A15: is edited where a reader who lacks the last words of others saw it, who never saw what is gone", () => {
    const { ann, after } = redacted();
    const [bob] = replicas("bob");
    bob.merge(ann);
    forgetBefore(ann, after);
    bob.insert(0, "very ");
    bob.delete(5, 1);
    ann.merge(bob);
    insertIn(ann, { version: after, own: [] }, 7, "and only ");
    deleteIn(ann, { version: after, own: [] }, 0, 2);
    expect(ann.toString()).toBe("very blic and only end");
  });

  it("A15: keeps what was deleted later, and what was written later", () => {
    const { ann, after } = redacted();
    ann.delete(0, 7);
    const later = ann.version;
    forgetBefore(ann, after);
    expect(ann.diff(later, after).steps[0]).toEqual({ insert: "public " });
  });

  it("A15: refuses a version that was never seen, and forgets nothing then", () => {
    const { ann, before } = redacted();
    const future = new VersionVector([[replicaId("cyd"), 1]]);
    expectRefusal(() => forgetBefore(ann, future), "UNKNOWN_ID");
    expect(ann.textAt(before)).toContain("secret");
  });

  it("A15: forgets as much as one likes, and whoever was away takes any part of that", () => {
    const [ann, away, bob] = replicas("ann", "away", "bob");
    for (const letter of ["x", "y", "z"]) {
      ann.insert(0, letter.repeat(100_000));
      ann.delete(0, 100_000);
      if (letter === "x") away.merge(ann);
      expect(forgetBefore(ann, ann.version)).toBe(100_000);
    }
    for (const text of [away, bob]) text.merge(ann);
    expect(encodeState(bob)).toEqual(encodeState(ann));
    expect(away.version).toEqual(ann.version);
  });

  it.each(["by id", "as a state"])("A15: is still trimmed when it was sent or saved %s", (layout) => {
    const { ann, before, after } = redacted();
    forgetBefore(ann, after);
    const bytes = layout === "by id" ? ann.encodeUpdate() : encodeState(ann);
    expect(Update.decode(bytes).leavesOut).toBe(true);
    const loaded = TextCRDT.load(replicaId("bob"), bytes);
    expectRefusal(() => loaded.textAt(before), "TRIMMED");
    expect(encodeState(loaded)).toEqual(encodeState(ann));
    expect(loaded.encodeUpdate()).toEqual(ann.encodeUpdate());
  });

  it("A15: is whole again once it merges with who still has the characters, unless it refuses them", () => {
    const { ann, before, after } = redacted();
    const full = copyOf(ann);
    const server = new TextCRDT(replicaId("server"), { fillsIn: false });
    server.merge(ann);
    for (const text of [ann, server]) forgetBefore(text, after);
    for (const text of [ann, server]) text.applyUpdate(full.encodeUpdate());
    expect(ann.textAt(before)).toBe("public secret 😀 end");
    expect(encodeState(ann)).toEqual(encodeState(full));
    expectRefusal(() => server.textAt(before), "TRIMMED");
  });

  it.each(seeds(60))("A15: takes in what replicas wrote while they were away, seed %i", (seed) => {
    const rng = random(seed);
    const texts = replicas("ann", "bob", "server");
    const [ann, bob, server] = texts as [TextCRDT, TextCRDT, TextCRDT];
    for (let step = 0; step < 30; step++) editAnywhere(texts[rng.int(3)]!, rng);
    sync(ann, bob, server);
    const seen = server.version;
    for (let step = 0; step < 20; step++) {
      for (const text of texts) editAnywhere(text, rng);
      if (step === 10) forgetBefore(server, seen);
      if (step === 15) forgetBefore(server, server.version);
    }
    const expected = copyOf(ann, "expected");
    expected.merge(bob);
    const lacking = server.encodeUpdate(seen);
    expect(Update.decode(bob.encodeUpdate(server.version)).leavesOut).toBe(false);
    server.merge(bob);
    server.merge(ann);
    for (const away of [ann, bob]) away.merge(server);
    expected.applyUpdate(lacking);
    expect([ann.toString(), bob.toString()]).toEqual([expected.toString(), expected.toString()]);
    expect(server.toString()).toBe(ann.toString());
    const ids = (text: TextCRDT) => internalOrder(text).map((line) => line.split(" ")[0]);
    expect(ids(server)).toEqual(ids(ann));
  });
});
