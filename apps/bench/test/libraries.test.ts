import { describe, expect, it } from "vitest";
import { LIBRARIES, libraryNamed } from "../src/text/libraries.js";
import type { Engine } from "../src/text/library.js";
import { measureConcurrent } from "../src/text/measure/concurrent.js";
import { publish, replay } from "../src/text/measure/sequential.js";
import { sharedTypingSession, typingSession } from "../src/text/traces/typing-session.js";

const { SEED: seedText = "1" } = process.env;
const SEED = Number(seedText);
const shared = LIBRARIES.filter((library) => library.kind === "shared");
const plain = LIBRARIES.filter((library) => library.kind === "plain");
const session = typingSession("session", SEED, 120);

describe.each(shared)(`$name as it is measured, seed ${SEED}`, (library) => {
  const opened = (): Promise<Engine> => library.open();

  it("has the text of a session after its edits", async () => {
    const replica = (await opened()).create(1, false);
    replay(replica, session.edits);
    expect(replica.text()).toBe(session.endContent);
  });

  it("gives one update for each edit, and another replica reads the same from them, one by one or all at once", async () => {
    const engine = await opened();
    const updates = publish(engine.create(1, true), session.edits);
    expect(updates).toHaveLength(session.edits.length);
    const [listener, reader] = [engine.create(2, false), engine.create(3, false)];
    for (const update of updates) listener.receive(update);
    reader.receiveAll(updates);
    expect(listener.text()).toBe(session.endContent);
    expect(reader.text()).toBe(session.endContent);
  });

  it("comes back from its file and from the state for a joining client, and can be edited", async () => {
    const engine = await opened();
    const writer = engine.create(1, false);
    replay(writer, session.edits);
    for (const saved of [writer.save(), writer.saveForJoining()]) {
      const loaded = engine.load(saved, 2);
      loaded.edit(0, 0, "new");
      expect(loaded.takeUpdate().length).toBeGreaterThan(0);
      expect(loaded.text()).toBe(`new${session.endContent}`);
    }
  });

  it("counts UTF-16 code units beyond ASCII", async () => {
    const replica = (await opened()).create(1, false);
    replica.edit(0, 0, "é€x");
    replica.edit(2, 1, "ü");
    expect(replica.text()).toBe("é€ü");
  });

  it("agrees with itself after two people wrote at once", async () => {
    const trace = sharedTypingSession("shared", SEED, 200);
    expect(measureConcurrent(await opened(), trace, 0).concurrentSaved).toBeGreaterThan(0);
  });
});

describe.each(plain)(`$name as it is measured, seed ${SEED}`, (library) => {
  it("has the text of a session after its edits", async () => {
    const text = (await library.open())();
    replay(text, session.edits);
    expect(text.text()).toBe(session.endContent);
  });
});

it("says which libraries there are when asked for one that is not", () => {
  expect(() => libraryNamed("nobody")).toThrow(/motet.*yjs/);
});
