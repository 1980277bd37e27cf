import { documentStoreSuite } from "@motet/document/testing";
import { Markdown } from "@motet/testing/pages";
import { describe } from "vitest";
import { PostgresDocumentStore } from "../src/index.js";
import { hasPostgres, newSchema, query, url } from "./support.js";

const schemas = new WeakMap<object, string>();

async function openIn(schema: string): Promise<PostgresDocumentStore> {
  const store = await PostgresDocumentStore.open({ url, schema });
  schemas.set(store, schema);
  return store;
}

/** A store in tables that were cut into pieces as the README says. */
async function openPartitioned(): Promise<PostgresDocumentStore> {
  const schema = newSchema();
  await (await openIn(schema)).close();
  const readme = new Markdown(new URL("../README.md", import.meta.url));
  await query(readme.block("sql partitions").replaceAll("motet.", `${schema}.`));
  return openIn(schema);
}

describe.skipIf(!hasPostgres)("on PostgreSQL", () => {
  documentStoreSuite("PostgresDocumentStore", {
    open: () => openIn(newSchema()),
    reopen: (closed) => openIn(schemas.get(closed)!),
  });
  documentStoreSuite("PostgresDocumentStore in partitioned tables", {
    open: openPartitioned,
    reopen: (closed) => openIn(schemas.get(closed)!),
  });
});
