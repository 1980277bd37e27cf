import { mkdtempSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Everything that a test file writes; gone when it is done. */
const scratch = mkdtempSync(join(tmpdir(), "motet-server-"));
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** An empty folder of this test file's own. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(scratch, "folder-"));
}
