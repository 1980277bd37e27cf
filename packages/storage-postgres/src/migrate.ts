import { DocumentError } from "@motet/document";
import type { ClientBase } from "pg";
import { MIGRATIONS, type Migration } from "./schema.js";

/** Any number, the same in every server: who holds this lock may change the schema. */
const LOCK = 6_684_684_001;

/**
 * Brings the schema up to the last of `migrations`, all steps or none; changes nothing when it is that far or further. Of servers that
 * start at once, one does it and the others wait.
 * @throws {DocumentError} `DAMAGED` when the database is of a version that no longer works with servers of this one. PostgreSQL's error when
 * the role may not create what is missing.
 */
export async function migrate(
  client: ClientBase,
  schema: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const name = client.escapeIdentifier(schema);
  if ((await versionOf(client, name, migrations)) >= migrations.length) return;
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${name}.migrations (version integer PRIMARY KEY, works_with integer NOT NULL)`,
    );
    const version = await versionOf(client, name, migrations);
    for (const step of migrations.slice(version)) await make(client, name, step);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function make(client: ClientBase, name: string, step: Migration): Promise<void> {
  await client.query(step.statements(name));
  await client.query(`INSERT INTO ${name}.migrations VALUES ($1, $2)`, [
    step.version,
    step.worksWithServersOf,
  ]);
}

async function versionOf(
  client: ClientBase,
  name: string,
  migrations: readonly Migration[],
): Promise<number> {
  const { rows: there } = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [
    `${name}.migrations`,
  ]);
  if (!there[0].there) return 0;
  const { rows } = await client.query(
    `SELECT max(version) AS version, max(works_with) AS works_with FROM ${name}.migrations`,
  );
  const { version, works_with } = rows[0] as { version: number | null; works_with: number | null };
  if ((works_with ?? 0) <= migrations.length) return version ?? 0;
  throw new DocumentError(
    "DAMAGED",
    `the database is of version ${version}, which servers of version ${migrations.length} do not understand`,
  );
}
