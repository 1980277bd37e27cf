import { startPostgres } from "@motet/services";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { failureOf } from "../src/failure.js";
import { PostgresDocumentStore } from "../src/index.js";
import { bytes, codeOf, hasPostgres, key, named, newSchema, openStore, query, url } from "./support.js";

const novel = named("novel");

describe.skipIf(!hasPostgres)("what is promised", () => {
  it("is committed synchronously, though the database is set to promise more than it has done", async () => {
    const schema = newSchema();
    const eager = `${url}?options=-c%20synchronous_commit%3Doff`;
    const store = await openStore({ url: eager, schema });
    // Whether the function's own transaction was synchronous is seen from inside it: a trigger notes what holds there.
    await query(`CREATE TABLE ${schema}.seen (setting text);
      CREATE FUNCTION ${schema}.note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO ${schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER note AFTER INSERT OR DELETE ON ${schema}.entries EXECUTE FUNCTION ${schema}.note()`);
    await store.append(novel, key("e"), bytes(1));
    await store.replace(novel, [key("e")], key("s"), bytes(2));
    await store.delete(novel);
    const settings = await query(`SELECT DISTINCT setting FROM ${schema}.seen`);
    expect(settings).toEqual([{ setting: "on" }]);
  });

  it("is refused by a server that does not sync to disk", async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query("ALTER SYSTEM SET fsync = off");
    await client.query("SELECT pg_reload_conf()");
    await client.end();
    const opening = PostgresDocumentStore.open({ url: server.url, retryMs: 300 });
    await expect(opening).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(opening).rejects.toThrow("fsync");
  });

  it("to a standby is refused when the server waits for none", async () => {
    const opening = PostgresDocumentStore.open({
      url,
      schema: newSchema(),
      survives: "standby",
      retryMs: 50,
    });
    await expect(opening).rejects.toThrow("standby");
  });

  it("is refused for a schema whose name is none, and for a role that may not make the tables", async () => {
    expect(await codeOf(PostgresDocumentStore.open({ url, schema: 'x"; DROP' }))).toBe("MALFORMED");
    const role = newSchema();
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    const poor = url.replace(/\/\/[^@]+@/, `//${role}:secret@`);
    expect(await codeOf(PostgresDocumentStore.open({ url: poor, schema: newSchema() }))).toBe(
      "STORE_UNAVAILABLE",
    );
  });
});

describe("what pg throws", () => {
  const failing = (code?: string) => failureOf(Object.assign(new Error("no"), { code }));

  it("is tried again where it may pass, on the same line or another", () => {
    for (const code of ["40001", "40P01", "55P03", "57014"]) {
      expect(failing(code)).toMatchObject({ passes: true, keepsLine: true });
    }
    for (const code of ["57P01", "57P03", "25006", "53300", "08006", "ECONNREFUSED", undefined]) {
      expect(failing(code)).toMatchObject({ passes: true, keepsLine: false });
    }
  });

  it("is told by its code where it stays", () => {
    const codes = ["53100", "XX001", "42P01", "28P01"].map((code) => failing(code));
    expect(codes.map(({ passes }) => passes)).toEqual([false, false, false, false]);
    expect(codes.map(({ error }) => error.code)).toEqual([
      "STORE_FULL",
      "DAMAGED",
      "STORE_UNAVAILABLE",
      "STORE_UNAVAILABLE",
    ]);
  });
});
