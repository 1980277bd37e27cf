import {
  type DocumentKey,
  documentId,
  documentKey,
  type EntryKey,
  entryKey,
  type StoredEntry,
  tenantId,
} from "@motet/document";
import { Client } from "pg";
import { inject, onTestFinished } from "vitest";
import { PostgresDocumentStore, type PostgresDocumentStoreOptions } from "../src/index.js";

export const url: string = inject("postgresUrl");
export const hasPostgres = url !== "";

export const key = (text: string): EntryKey => entryKey(text);
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const named = (document: string): DocumentKey => documentKey(tenantId("acme"), documentId(document));
export const keysOf = (entries: readonly StoredEntry[]): string[] => entries.map((entry) => entry.key);

let schemas = 0;
/** The name of a schema that no test has used. */
export const newSchema = (): string => `test_${process.pid}_${++schemas}`;

/** A store that is closed when the test is over. */
export async function openStore(
  options: Partial<PostgresDocumentStoreOptions>,
): Promise<PostgresDocumentStore> {
  const store = await PostgresDocumentStore.open({ url, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** The database itself, past the store. */
export async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The same database at another port. */
export function through(port: number): string {
  return url.replace(/@[^/]+/, `@127.0.0.1:${port}`);
}

export const portOf = (): number => Number(new URL(url).port);

export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: { code?: unknown }) => error.code,
  );
}
