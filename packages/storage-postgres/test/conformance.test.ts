import { documentStoreSuite } from "@motet/document/testing";
import { describe } from "vitest";
import { PostgresDocumentStore } from "../src/index.js";
import { hasPostgres, newSchema, url } from "./support.js";

const schemas = new WeakMap<object, string>();

async function openIn(schema: string): Promise<PostgresDocumentStore> {
  const store = await PostgresDocumentStore.open({ url, schema });
  schemas.set(store, schema);
  return store;
}

describe.skipIf(!hasPostgres)("on PostgreSQL", () => {
  documentStoreSuite("PostgresDocumentStore", {
    open: () => openIn(newSchema()),
    reopen: (closed) => openIn(schemas.get(closed)!),
  });
});
