import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConcurrent, loadSequential, unrecorded } from "../src/text/traces/load.js";
import { concurrentTrace, sequentialTrace, tracesFolder } from "../src/text/traces/recorded.js";
import { type Edit, Edits } from "../src/text/traces/trace.js";
import { contentAfter, sharedTypingSession, typingSession } from "../src/text/traces/typing-session.js";

const { SEED: seedText = "1" } = process.env;
const SEED = Number(seedText);

/** The text after `edits`, by JavaScript's own strings. */
function naiveContent(edits: Iterable<Edit>): string {
  return [...edits].reduce(
    (text, [at, deleted, inserted]) => text.slice(0, at) + inserted + text.slice(at + deleted),
    "",
  );
}

describe("a recorded trace", () => {
  it("gives every patch of its transactions in order", () => {
    const patches: Edit[] = [
      [0, 0, "ab"],
      [1, 1, ""],
    ];
    const trace = sequentialTrace("t", { endContent: "a", txns: [{ patches }, { patches: [[1, 0, "c"]] }] });
    expect([...trace.edits]).toEqual([...patches, [1, 0, "c"]]);
  });

  it("tells an agent of exactly the ancestors it has not heard of, before its first patch", () => {
    const trace = concurrentTrace("t", {
      endContent: "xyab",
      numAgents: 2,
      txns: [
        { parents: [], agent: 0, patches: [[0, 0, "a"]] },
        { parents: [0], agent: 0, patches: [[1, 0, "b"]] },
        {
          parents: [0],
          agent: 1,
          patches: [
            [0, 0, "x"],
            [1, 0, "y"],
          ],
        },
        { parents: [1, 2], agent: 0, patches: [[0, 0, ""]] },
      ],
    });
    expect(trace.edits.map(({ agent, receives }) => [agent, receives])).toEqual([
      [0, []],
      [0, []],
      [1, [0]],
      [1, []],
      [0, [2, 3]],
    ]);
  });
});

describe("the folder of traces", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "motet-traces-"));
    const file = { endContent: "abc", txns: [{ patches: [[0, 0, "ab"]] }, { patches: [[2, 0, "c"]] }] };
    writeFileSync(join(folder, "rustcode.json.gz"), gzipSync(JSON.stringify(file)));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is the one that MOTET_TRACES names, else one that exists, else none", () => {
    expect(tracesFolder({ MOTET_TRACES: folder }, ["/nowhere"])).toBe(folder);
    expect(tracesFolder({}, ["/nowhere", folder])).toBe(folder);
    expect(tracesFolder({}, ["/nowhere"])).toBeUndefined();
  });

  it("names the traces that it lacks", () => {
    expect(unrecorded(folder, ["rustcode", "seph-blog1"])).toEqual(["seph-blog1"]);
    expect(unrecorded(undefined, ["rustcode"])).toEqual(["rustcode"]);
  });

  it("yields a whole trace with its last text, and a front with the text that it comes to", () => {
    expect(loadSequential(folder, "rustcode").endContent).toBe("abc");
    expect(loadSequential(folder, "rustcode", 1)).toEqual({
      name: "rustcode",
      edits: Edits.from([[0, 0, "ab"]]),
      endContent: "ab",
    });
  });

  it("is done without: a session of the same length takes the place of a missing trace", () => {
    const session = loadSequential(undefined, "sveltecomponent");
    expect(session.edits).toHaveLength(20_000);
    expect(loadConcurrent(undefined, "friendsforever", 50)).toMatchObject({
      agents: 2,
      endContent: undefined,
    });
  });
});

describe(`a typing session, seed ${SEED}`, () => {
  it("is the same for the same seed, and another for another", () => {
    expect(typingSession("t", SEED, 300)).toEqual(typingSession("t", SEED, 300));
    expect(typingSession("t", SEED, 300).endContent).not.toBe(typingSession("t", SEED + 1, 300).endContent);
  });

  it("never edits outside of the text, and ends with the text that it says", () => {
    const { edits, endContent } = typingSession("t", SEED, 5_000);
    let length = 0;
    for (const [position, deleted, inserted] of edits) {
      expect(position + deleted).toBeLessThanOrEqual(length);
      length += inserted.length - deleted;
    }
    expect(endContent).toBe(naiveContent(edits));
    expect(contentAfter(edits)).toBe(naiveContent(edits));
  });

  it("of two people has concurrent turns, and every edit reaches its writer's view only once", () => {
    const { edits } = sharedTypingSession("t", SEED, 3_000);
    const heard = [new Set<number>(), new Set<number>()];
    let unheard = 0;
    for (const [index, { agent, receives }] of edits.entries()) {
      for (const other of receives) {
        expect(edits[other]!.agent).toBe(1 - agent);
        expect(heard[agent]!.has(other)).toBe(false);
        heard[agent]!.add(other);
      }
      const others = edits.slice(0, index).filter((edit) => edit.agent !== agent).length;
      if (heard[agent]!.size < others) unheard++;
    }
    expect(unheard).toBeGreaterThan(100);
  });
});
