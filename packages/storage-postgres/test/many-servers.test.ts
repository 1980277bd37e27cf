import { describe, expect, it } from "vitest";
import { bytes, codeOf, hasPostgres, key, keysOf, named, newSchema, openStore, query } from "./support.js";

const novel = named("novel");

describe.skipIf(!hasPostgres)("many servers on one database", () => {
  it("gives whoever sees a place all lower ones, while four servers append as fast as they can", async () => {
    const schema = newSchema();
    const writers = await Promise.all([1, 2, 3, 4].map(() => openStore({ schema })));
    const reader = await openStore({ schema });
    let isWriting = true;
    const writing = Promise.all(
      writers.map(async (store, who) => {
        for (let n = 0; n < 100; n++) await store.append(novel, key(`w${who}-${n}`), bytes(who));
      }),
    ).finally(() => {
      isWriting = false;
    });
    const seen: number[][] = [];
    while (isWriting) seen.push((await reader.load(novel)).map((entry) => entry.place));
    await writing;
    for (const places of seen) expect(places).toEqual(places.map((_, at) => at + 1));
    expect(await reader.load(novel)).toHaveLength(400);
  });

  it("commits the documents of one turn together", async () => {
    const commits: number[] = [];
    const store = await openStore({
      schema: newSchema(),
      observe: (event) => event.type === "committed" && commits.push(event.writes),
    });
    await Promise.all(["b", "a", "c"].map((one) => store.append(named(one), key("e"), bytes(1))));
    expect(commits).toEqual([3]);
  });

  it("does not let servers that write the same documents in different orders wait for each other for ever", async () => {
    const schema = newSchema();
    const retries: string[] = [];
    const observe = ({ type }: { readonly type: string }) => void (type === "retried" && retries.push(type));
    const stores = await Promise.all([1, 2].map(() => openStore({ schema, observe })));
    const names = Array.from({ length: 20 }, (_, n) => named(`d${n}`));
    await Promise.all(
      stores.map(async (store, who) => {
        const order = who === 0 ? names : [...names].reverse();
        for (let n = 0; n < 10; n++) {
          await Promise.all(order.map((id) => store.append(id, key(`w${who}-${n}`), bytes(1))));
        }
      }),
    );
    expect(retries).toEqual([]);
    expect(await stores[0]!.load(names[0]!)).toHaveLength(20);
  });

  it("lets one of two servers have a key, and tells the other so", async () => {
    const schema = newSchema();
    const stores = await Promise.all([1, 2].map(() => openStore({ schema })));
    const outcomes = await Promise.all(
      stores.map((store, who) => store.append(novel, key("mine"), bytes(who))),
    );
    expect(outcomes.map(({ fresh }) => fresh).sort()).toEqual([false, true]);
    expect(outcomes[0]!.place).toBe(outcomes[1]!.place);
  });

  it("refuses the second of two servers that put the same entries together", async () => {
    const schema = newSchema();
    const stores = await Promise.all([1, 2].map(() => openStore({ schema })));
    for (const n of [1, 2, 3]) await stores[0]!.append(novel, key(`e${n}`), bytes(n));
    const codes = await Promise.all(
      stores.map((store, who) =>
        codeOf(store.replace(novel, [key("e1"), key("e2")], key(`s${who}`), bytes(9))),
      ),
    );
    expect(codes.sort()).toEqual(["FENCED", "no error"]);
    expect(keysOf(await stores[1]!.load(novel))).toContain("e3");
  });

  it("starts at once on an empty database, however many servers do", async () => {
    const schema = newSchema();
    await Promise.all([1, 2, 3, 4, 5].map(() => openStore({ schema })));
    expect(await query(`SELECT version FROM ${schema}.migrations`)).toEqual([{ version: 1 }]);
  });

  it("keeps what follows a replacement behind it, though another line makes that", async () => {
    const store = await openStore({ schema: newSchema() });
    const done: string[] = [];
    await Promise.all([
      store.append(novel, key("e1"), bytes(1)).then(() => done.push("e1")),
      store.replace(novel, [key("e1")], key("s"), new Uint8Array(1 << 20).fill(1)).then(() => done.push("s")),
      store.append(novel, key("e2"), bytes(2)).then(() => done.push("e2")),
      store.append(named("other"), key("e"), bytes(2)).then(() => done.push("other")),
    ]);
    expect(done.filter((one) => one !== "other")).toEqual(["e1", "s", "e2"]);
    expect(keysOf(await store.load(novel))).toEqual(["s", "e2"]);
  });
});
