import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { migrate } from "../src/migrate.js";
import { MIGRATIONS, type Migration } from "../src/schema.js";
import { bytes, codeOf, hasPostgres, key, keysOf, named, newSchema, openStore, url } from "./support.js";

const novel = named("novel");

/** A step of the future that the servers of today survive: it adds. */
const adding: Migration = {
  version: MIGRATIONS.length + 1,
  worksWithServersOf: MIGRATIONS.length,
  statements: (schema) => `ALTER TABLE ${schema}.entries ADD COLUMN checksum bigint NOT NULL DEFAULT 0;
    CREATE FUNCTION ${schema}.append_entries_2() RETURNS void LANGUAGE sql AS ''`,
};

async function migrateTo(schema: string, migrations: readonly Migration[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await migrate(client, schema, migrations);
  } finally {
    await client.end();
  }
}

describe.skipIf(!hasPostgres)("the schema", () => {
  it("is extended while a server of the version before writes and reads, and one of it that starts later works too (F13)", async () => {
    const schema = newSchema();
    const old = await openStore({ schema });
    await old.append(novel, key("before"), bytes(1));
    const writing = Promise.all([1, 2, 3].map((n) => old.append(novel, key(`during-${n}`), bytes(n))));
    await migrateTo(schema, [...MIGRATIONS, adding]);
    await writing;
    const late = await openStore({ schema });
    await late.append(novel, key("after"), bytes(2));
    await old.replace(novel, [key("before"), key("during-1")], key("s"), bytes(3));
    expect(keysOf(await late.load(novel))).toEqual(["s", "during-2", "during-3", "after"]);
  });

  it("turns a server away that it has left behind", async () => {
    const schema = newSchema();
    await migrateTo(schema, [...MIGRATIONS, { ...adding, worksWithServersOf: adding.version }]);
    expect(await codeOf(openStore({ schema }))).toBe("DAMAGED");
  });

  it("is made as a whole or not at all", async () => {
    const schema = newSchema();
    const broken = { ...adding, statements: () => "SELECT 1; SELECT nonsense" };
    await expect(migrateTo(schema, [...MIGRATIONS, broken])).rejects.toThrow("nonsense");
    const store = await openStore({ schema });
    expect(await store.list({ limit: 10 })).toEqual([]);
  });
});
