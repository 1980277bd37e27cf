import { postgresMissing, startPostgres } from "@motet/services";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where PostgreSQL is; empty when there is none and the tests are left out. */
    postgresUrl: string;
  }
}

/** A PostgreSQL for this project: the one that `DATABASE_URL` names, or one of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env["DATABASE_URL"];
  const missing = url === undefined ? postgresMissing() : undefined;
  if (missing !== undefined && process.env["CI"]) throw new Error(missing);
  if (missing !== undefined) console.warn(`Left out the tests of @motet/storage-postgres. ${missing}`);
  const own = url === undefined && missing === undefined ? await startPostgres() : undefined;
  project.provide("postgresUrl", url ?? own?.url ?? "");
  return async () => own?.stop();
}
