import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LmdbDocumentStore } from "../src/index.js";
import { bytes, Child, canTrace, key, named, newFolder, TRACE_HINT } from "./support.js";

const novel = named("novel");
const { CI } = process.env;

/** What one run of the appending process came to. */
interface Run {
  readonly stored: string[];
  readonly refused: string[];
  readonly codes: Set<string>;
  readonly said: ReadonlyMap<string, string>;
  readonly hasFailed: boolean;
  /** The system calls that were made after the first one that failed. */
  readonly callsAfterFailure: readonly string[];
}

describe("a disk that fails (F3)", () => {
  it("can be tried on this machine", (context) => {
    if (!canTrace && CI === undefined) context.skip(TRACE_HINT);
    expect(canTrace, TRACE_HINT).toBe(true);
  });

  // The n-th call in the thread that writes. Of the writes, 1 is lmdb's as the folder is opened, 2 is lmdb's as the first commit begins
  // a journal, 3 to 7 are records of the journal.
  describe.runIf(canTrace).each([
    ["fdatasync", "when=2+"],
    ["fdatasync", "when=2"],
    ["pwrite64", "when=2"],
    ["pwrite64", "when=2+"],
    ["pwrite64", "when=3"],
    ["pwrite64", "when=3+"],
    ["pwrite64", "when=5"],
    ["pwrite64", "when=7+"],
  ])("%s with EIO, %s", (call, when) => {
    it("never acknowledges, takes no more writes, keeps what was acknowledged, and works again once opened anew", async () => {
      const folder = await newFolder();
      await (await LmdbDocumentStore.open({ folder })).close();
      const run = await appendUnder(folder, call, when);

      expect(run.refused.length).toBeGreaterThan(0);
      expect([...run.codes]).toEqual(["STORE_UNAVAILABLE"]);
      expect(run.said.get("state")).toBe("failed");
      expect(["STORE_UNAVAILABLE", String(run.stored.length)]).toContain(run.said.get("read"));
      expect(["STORE_UNAVAILABLE", run.stored.length > 0 ? "1" : "0"]).toContain(run.said.get("list"));
      expect(run.callsAfterFailure.filter((line) => /fdatasync|fsync/.test(line))).toEqual([]);

      const store = await LmdbDocumentStore.open({ folder });
      const names = (await store.load(novel)).map((entry) => entry.key);
      expect(names).toEqual(run.stored);
      await store.append(novel, key("afterwards"), bytes(1));
      await store.close();
    });
  });

  // Not a write of one single page: lmdb 3.5.6 then puts its message into too small a buffer, and the process may end as it closes.
  it.runIf(canTrace).each([
    ["fdatasync", "when=3+"],
    ["pwrite64", "when=9"],
    ["writev", "when=3"],
  ])("keeps everything where the database cannot take it over: %s with EIO, %s", async (call, when) => {
    const folder = await newFolder();
    await (await LmdbDocumentStore.open({ folder })).close();
    const run = await appendUnder(folder, call, when);
    expect(run.hasFailed).toBe(true);
    expect(run.stored).toHaveLength(12);
    const store = await LmdbDocumentStore.open({ folder });
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(run.stored);
    await store.close();
  });

  it.runIf(canTrace).each([["fdatasync"], ["fsync"]])(
    "refuses to open when %s fails from the start",
    async (call) => {
      const run = await appendUnder(await newFolder(), call, "when=1+");
      expect(run.said.get("open")).toBe("STORE_UNAVAILABLE");
      expect(run.stored).toEqual([]);
    },
  );
});

describe.runIf(canTrace)("what would survive a power cut (F2)", () => {
  it("is every record when it is acknowledged: the journal is opened to sync, its name is on disk, and the database knows of it", async () => {
    const folder = await newFolder();
    const trace = join(folder, "trace");
    const calls = "trace=openat,fsync,fdatasync,pwrite64,ftruncate";
    const child = new Child(
      "appender.mjs",
      [folder, novel],
      ["strace", "-f", "-y", "-qq", "-o", trace, "-e", calls],
    );
    expect(await child.exited).toBe(0);
    const lines = (await readFile(trace, "utf8")).split("\n");
    const isOn = (line: string, name: string): boolean => line.includes(`/${basename(folder)}${name}>`);
    const at = (name: string, call: string, from = 0): number =>
      lines.findIndex((line, place) => place >= from && line.includes(call) && isOn(line, name));

    const opened = at("/journal", "openat");
    expect(lines[opened]).toContain("O_DSYNC");
    const linked = at("", "fsync", opened);
    const known = at("/documents.mdb", "pwrite64", at("/documents.mdb", "fdatasync", linked));
    const first = at("/journal", "pwrite64");
    const taken = at("/documents.mdb", "pwrite64", at("/documents.mdb", "fdatasync", first));
    const emptied = at("/journal", "ftruncate", first);
    expect([opened, linked, known, first, taken, emptied]).toEqual(
      [opened, linked, known, first, taken, emptied].toSorted((left, right) => left - right),
    );
    expect(opened).toBeGreaterThanOrEqual(0);
  });
});

async function appendUnder(folder: string, call: string, when: string): Promise<Run> {
  const trace = join(folder, "trace");
  const wrapper = ["strace", "-f", "-qq", "-o", trace, "-e", "trace=fdatasync,fsync,pwrite64,writev"];
  const child = new Child(
    "appender.mjs",
    [folder, novel],
    [...wrapper, "-e", `inject=${call}:error=EIO:${when}`],
  );
  const said = new Map<string, string>();
  for await (const line of child.lines()) said.set(...(line.split(" ") as [string, string]));
  expect(await child.exited).toBe(0);
  const outcomes = [...said].filter(([name]) => name.startsWith("entry-"));
  const lines = (await readFile(trace, "utf8")).split("\n");
  const failedAt = lines.findIndex((line) => line.includes("(INJECTED)"));
  return {
    stored: outcomes.filter(([, code]) => code === "ok").map(([name]) => name),
    refused: outcomes.filter(([, code]) => code !== "ok").map(([name]) => name),
    codes: new Set(outcomes.map(([, code]) => code).filter((code) => code !== "ok")),
    said,
    hasFailed: failedAt >= 0,
    callsAfterFailure: lines.slice(1 + failedAt),
  };
}
