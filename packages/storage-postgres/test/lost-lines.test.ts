import { TcpLine } from "@motet/services";
import { describe, expect, it, onTestFinished } from "vitest";
import { PostgresDocumentStore } from "../src/index.js";
import {
  bytes,
  codeOf,
  hasPostgres,
  key,
  keysOf,
  named,
  newSchema,
  openStore,
  portOf,
  query,
  through,
} from "./support.js";

const novel = named("novel");

/**
 * A store behind a line that lets every second call of a statement through, and cuts before its answer comes back. A line names a
 * statement when it prepares it, and as often as it is new.
 */
async function behindACuttingLine(statement: string) {
  let seen = 0;
  const cutsAnswerTo = (chunk: Buffer) => chunk.includes(statement) && ++seen % 2 === 1;
  const line = await TcpLine.to(portOf(), { cutsAnswerTo });
  onTestFinished(() => line.close());
  const schema = newSchema();
  await openStore({ schema }); // The tables are made over a line that holds.
  const retries: number[] = [];
  const store = await openStore({
    url: through(line.port),
    schema,
    observe: (event) => event.type === "retried" && retries.push(event.attempt),
  });
  return { store, retries, line, schema };
}

describe.skipIf(!hasPostgres)("a line that is lost", () => {
  it("between a commit and its answer costs no entry and doubles none, 20 times", async () => {
    const { store, retries, line } = await behindACuttingLine("append_entries");
    for (let n = 1; n <= 20; n++) {
      expect(await store.append(novel, key(`e${n}`), bytes(n))).toEqual({ place: n, fresh: true });
      line.cut(); // The next one needs a new line, which is the one to be cut.
    }
    expect(keysOf(await store.load(novel))).toEqual(Array.from({ length: 20 }, (_, n) => `e${n + 1}`));
    expect(retries.length).toBeGreaterThanOrEqual(20);
  });

  it("between a replacement and its answer is not taken for a fence", async () => {
    const { store, retries } = await behindACuttingLine("replace_entries");
    for (const n of [1, 2]) await store.append(novel, key(`e${n}`), bytes(n));
    expect(await store.replace(novel, [key("e1"), key("e2")], key("s"), bytes(9))).toBe(2);
    expect(retries).not.toEqual([]);
    expect(keysOf(await store.load(novel))).toEqual(["s"]);
  });

  it("between a deletion and its answer does not delete what was written since", async () => {
    const { store, schema } = await behindACuttingLine("delete_document");
    await store.append(novel, key("old"), bytes(1));
    const [{ born }] = (await query(`SELECT born::text FROM ${schema}.documents`)) as [{ born: string }];
    await store.delete(novel);
    await store.append(novel, key("new"), bytes(2));
    await query(`SELECT ${schema}.delete_document_1('${novel}', '${born}')`); // The first call, come late.
    expect(keysOf(await store.load(novel))).toEqual(["new"]);
  });

  it("makes appends wait while nobody can connect, and lets them through afterwards", async () => {
    const { store, line } = await behindACuttingLine("nothing");
    await store.append(novel, key("before"), bytes(1));
    await line.sever();
    const waiting = store.append(novel, key("meanwhile"), bytes(2));
    expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 300, "waits"))])).toBe(
      "waits",
    );
    await line.mend();
    expect(await waiting).toEqual({ place: 2, fresh: true });
  });

  it("gives up after a while, and all that waits behind it with it", async () => {
    const line = await TcpLine.to(portOf());
    const schema = newSchema();
    const store = await openStore({ url: through(line.port), schema, retryMs: 50 });
    await line.close();
    const codes = await Promise.all(["a", "b"].map((one) => codeOf(store.append(novel, key(one), bytes(1)))));
    expect(codes).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
    expect(await codeOf(store.load(novel))).toBe("STORE_UNAVAILABLE");
    expect(await codeOf(PostgresDocumentStore.open({ url: through(line.port), retryMs: 50 }))).toBe(
      "STORE_UNAVAILABLE",
    );
  });

  it("that is silent is given up as well, and what was sent over it is done once", async () => {
    const { line, schema } = await behindACuttingLine("nothing");
    const store = await openStore({ url: through(line.port), schema, statementMs: 500 });
    await store.append(novel, key("before"), bytes(1));
    line.hold();
    const waiting = store.append(novel, key("held"), bytes(2));
    expect((await waiting).fresh).toBe(true);
    expect(keysOf(await store.load(novel))).toEqual(["before", "held"]);
  });

  it("because somebody at the server ended it is opened again", async () => {
    const { store, schema } = await behindACuttingLine("nothing");
    for (let n = 0; n < 5; n++) {
      const write = store.append(novel, key(`e${n}`), bytes(n));
      await query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'motet' AND query LIKE '%${schema}%'`,
      );
      expect((await write).fresh).toBe(true);
    }
    expect(await store.load(novel)).toHaveLength(5);
  });
});
