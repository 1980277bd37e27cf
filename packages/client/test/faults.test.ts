import { VersionVector } from "@motet/crdt-core";
import { random, seeds } from "@motet/testing";
import { closeCode, encodeChangesFrame, encodeStateFrame, Frame } from "@motet/transport";
import { describe, expect, it } from "vitest";
import { settle, textFrame, World } from "./support/world.js";

/** Two users type a few words, whatever happens to their lines. */
async function session(world: World): Promise<readonly string[]> {
  const ann = await world.open();
  const bob = await world.open({ user: "bob" });
  for (const word of ["one ", "two ", "three "]) {
    await ann.type(word);
    bob.document.insert(0, word.toUpperCase());
    await settle();
    await world.pass(1_000);
  }
  ann.document.setTitle("Minutes");
  await settle();
  world.scissors.messagesLeft = Number.POSITIVE_INFINITY;
  await world.pass(70_000, 5_000);
  expect([ann.document.state, bob.document.state]).toEqual(["saved", "saved"]);
  return [world.server.document.text, ann.text, bob.text];
}

const lettersOf = (text = "") => [...text].sort().join("");

describe("I1: a line that is cut", () => {
  it("loses and doubles nothing, wherever in the session it happens", async () => {
    const whole = new World();
    await session(whole);
    for (let cut = 0; cut < whole.messages; cut++) {
      const world = new World();
      world.scissors.messagesLeft = cut;
      const texts = await session(world);
      expect(new Set(texts).size, `cut after ${cut} messages`).toBe(1);
      expect(lettersOf(texts[0])).toBe(lettersOf("one two three ONE TWO THREE "));
    }
  });

  it.each(seeds(20))("loses and doubles nothing when it is cut again and again, seed %i", async (seed) => {
    const rng = random(seed);
    const world = new World(seed);
    const pages = [await world.open(), await world.open({ user: "bob" })];
    let typed = "";
    for (let step = 0; step < 40; step++) {
      const letter = String.fromCharCode(97 + rng.int(26));
      const page = rng.pick(pages);
      page.document.insert(rng.int(page.document.length + 1), letter);
      typed += letter;
      if (rng.int(4) === 0) world.scissors.messagesLeft = rng.int(6);
      if (rng.int(3) === 0) await settle();
      if (rng.int(5) === 0) await world.pass(500);
    }
    world.scissors.messagesLeft = Number.POSITIVE_INFINITY;
    await world.pass(120_000, 5_000);
    const [ann, bob] = pages.map(({ text }) => text);
    expect([ann, bob]).toEqual([world.server.document.text, world.server.document.text]);
    expect(lettersOf(ann)).toBe(lettersOf(typed));
  });
});

describe("I2: a server that says nothing any more", () => {
  it("is given up after thirty seconds, and asked anew", async () => {
    const world = new World();
    const page = await world.open();
    world.isSilent = true;
    page.document.insert(0, "hello");
    await world.pass(29_500);
    expect(page.document.state).toBe("saving");
    await world.pass(500);
    expect(page.document.state).toBe("offline");
    world.isSilent = false;
    await world.pass(1_000);
    expect([page.document.state, world.server.document.text, world.attempts]).toEqual(["saved", "hello", 2]);
  });
});

describe("I4: a server that refuses for ever", () => {
  it.each(seeds(3))("is asked less than once in 14 s on average, over six hours, seed %i", async (seed) => {
    const world = new World(seed);
    world.server.guard = () => closeCode.internal;
    await world.open();
    await world.pass(6 * 3_600_000, 60_000);
    expect(world.attempts).toBeLessThan((6 * 3_600) / 14);
  });
});

describe("I5: a month without a line", () => {
  it("ends in bounded batches, which go on where a cut has stopped them", async () => {
    const world = new World();
    world.isNetworkUp = false;
    const page = await world.open({ limits: { updateBytesMax: 4_096 } });
    for (let edit = 0; edit < 2_000; edit++) {
      page.document.insert(page.document.length, `${edit} `.padStart(10));
      if (edit % 10 === 0) await Promise.resolve();
    }
    world.isNetworkUp = true;
    world.scissors.messagesLeft = 12;
    await world.pass(60_000);
    world.scissors.messagesLeft = Number.POSITIVE_INFINITY;
    await world.pass(60_000);
    expect([world.server.document.text === page.text, page.document.state]).toEqual([true, "saved"]);
    expect(Math.max(...world.server.frames.map(({ length }) => length))).toBeLessThan(8_192);
    expect(world.server.frames.length).toBeGreaterThan(5);
  });
});

describe("I6: the same replica id twice", () => {
  it("is never drawn by two page loads", async () => {
    const world = new World();
    await world.open();
    await world.open();
    expect(new Set(world.server.joins.map(({ replica }) => replica?.id)).size).toBe(2);
  });

  it("is given up by the copy that cannot prove itself, which keeps its edits and applies nothing twice", async () => {
    const world = new World();
    const bytes = (fill: number) => (count: number) => new Uint8Array(count).fill(fill);
    const idThen = (secret: number, later: number) => {
      let draws = 0;
      return (count: number) => {
        draws++;
        if (draws <= 2) return bytes(7)(count); // The client's id, then the replica's.
        return bytes(draws === 3 ? secret : later)(count);
      };
    };
    const original = await world.open({ platform: { randomBytes: idThen(1, 50) } });
    const copy = world.openNow({ platform: { randomBytes: idThen(2, 60) } });
    copy.document.insert(0, "copy ");
    await settle();
    await original.type("original ");
    await world.pass(5_000);
    expect(copy.problems.map(({ message }) => message)).toContain(
      "REPLICA_TAKEN: a live replica has this id",
    );
    expect(world.server.document.text.split(" ").sort()).toEqual(["", "copy", "original"]);
    expect([original.document.state, copy.document.state]).toEqual(["saved", "saved"]);
  });
});

describe("I8: a user who may not come in any more", () => {
  it("is told so, is not tried again, and keeps the edits until they have logged in", async () => {
    const world = new World();
    let token = "good";
    const page = await world.open({ token: async () => token });
    world.server.guard = (join) => (join.token === "good" ? undefined : closeCode.unauthenticated);
    token = "old";
    world.server.cutAll();
    await settle();
    page.document.insert(0, "kept");
    const saved = page.document.whenSaved();
    const outcome = expect(saved).rejects.toMatchObject({ code: "REFUSED" });
    await world.pass(600_000, 10_000);
    await outcome;
    expect([page.document.state, page.refusals.length, world.attempts]).toEqual(["refused", 1, 2]);
    expect(page.refusals[0]?.closeCode).toBe(closeCode.unauthenticated);
    expect([page.text, page.document.unsaved]).toEqual(["kept", 4]);
    token = "good";
    page.document.reconnect();
    await settle();
    expect([page.document.state, world.server.document.text]).toEqual(["saved", "kept"]);
  });

  it("fetches a token for each line, and tries again when that fails", async () => {
    const world = new World();
    let asked = 0;
    const token = async () => {
      asked++;
      if (asked === 1) throw new Error("the login server is down");
      return `token-${asked}`;
    };
    const page = await world.open({ token });
    expect([page.document.state, page.problems[0]?.code]).toEqual(["offline", "UNREACHABLE"]);
    expect(page.problems[0]).toMatchObject({
      message: "no token was to be had",
      cause: { message: "the login server is down" },
    });
    await world.pass(1_000);
    world.server.cutAll();
    await world.pass(1_000);
    expect(world.server.joins.map((join) => join.token)).toEqual(["token-2", "token-3"]);
  });
});

describe("I9: a laptop that slept", () => {
  it("comes back once", async () => {
    const world = new World();
    const page = await world.open();
    world.server.cutAll();
    await settle();
    world.clock.sleep(3_600_000);
    for (let event = 0; event < 5; event++) world.wake();
    await settle();
    await world.pass(5_000);
    expect([page.document.state, world.attempts]).toEqual(["saved", 2]);
  });
});

describe("I10: a server that sends garbage", () => {
  const nothing = new VersionVector();
  it.each([
    ["text that is no JSON", textFrame("hello")],
    ["a message of no type", textFrame('{"type":"x","user_id":"ann","doc_id":"minutes"}')],
    ["an empty frame", Frame.binary(new Uint8Array())],
    ["a frame of no kind", Frame.binary(Uint8Array.of(77))],
    ["a vector that promises too much", Frame.binary(Uint8Array.of(4, 255, 255, 255, 255, 15))],
    ["an update that is none", Frame.binary(encodeChangesFrame(nothing, Uint8Array.of(1, 2, 3)))],
    ["a second state", Frame.binary(encodeStateFrame(nothing))],
    [
      "what only JSON clients are told",
      textFrame('{"type":"changes","user_id":"a","doc_id":"b","version":1,"changes":[]}'),
    ],
  ])("%s loses its line, and nothing else", async (_what, frame) => {
    const world = new World();
    const page = await world.open();
    await page.type("hello");
    await settle();
    world.server.say(frame);
    await settle();
    expect(page.problems[0]?.code).toBe("BAD_SERVER");
    expect([page.text, page.document.state]).toEqual(["hello", "offline"]);
    await world.pass(1_000);
    expect([page.text, page.document.state]).toEqual(["hello", "saved"]);
  });

  it("is not asked in a hot loop when it goes on", async () => {
    const world = new World();
    const page = await world.open();
    page.document.on("session", () => world.server.say(textFrame("garbage")));
    world.server.say(textFrame("garbage"));
    await world.pass(600_000);
    expect(world.attempts).toBeLessThan(60);
  });

  it.each(seeds(10))("changes nothing with frames of random bytes, seed %i", async (seed) => {
    const rng = random(seed);
    const world = new World(seed);
    const page = await world.open();
    await page.type("hello");
    await settle();
    for (let round = 0; round < 20; round++) {
      const bytes = Uint8Array.from({ length: 1 + rng.int(30) }, () => rng.int(256));
      bytes[0] = 3 + rng.int(2);
      world.server.say(Frame.binary(bytes));
      await settle();
      await world.pass(30_000, 5_000);
    }
    expect([page.text, page.document.state]).toEqual(["hello", "saved"]);
  });
});

describe("I12: more edits than may wait", () => {
  it("are refused with an error and an event, and taken again once there is room", async () => {
    const world = new World();
    world.isNetworkUp = false;
    const page = await world.open({ limits: { unsavedOperationsMax: 5 } });
    page.document.insert(0, "12345");
    expect(() => page.document.insert(5, "6")).toThrow(expect.objectContaining({ code: "QUEUE_FULL" }));
    expect([page.text, page.problems.at(-1)?.code]).toEqual(["12345", "QUEUE_FULL"]);
    world.isNetworkUp = true;
    await world.pass(1_000);
    page.document.insert(5, "6");
    await settle();
    expect([world.server.document.text, page.document.state]).toEqual(["123456", "saved"]);
  });
});

describe("a server that restarts", () => {
  it("gets everything that it had not acknowledged, once", async () => {
    const world = new World();
    const page = await world.open();
    world.server.hold();
    await page.type("hello", " world");
    await settle();
    world.server.closeAll(closeCode.restart, "back soon; retry-ms=3000");
    await world.pass(2_500);
    expect([page.document.state, world.attempts]).toEqual(["offline", 1]);
    world.server.release();
    await world.pass(1_000);
    expect([world.server.document.text, page.document.state]).toEqual(["hello world", "saved"]);
  });
});
