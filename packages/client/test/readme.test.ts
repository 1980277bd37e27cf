import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { nextSyncState } from "../src/index.js";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const readme = read("README.md");

/** What stands in the first column of the table under `heading`. */
function rows(heading: string): (string | undefined)[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
}

// The program needs a server, so that is where it is run: apps/server/test/client-readme.test.ts.

it("documents every error code, and no other", () => {
  const codes = read("src/errors.ts")
    .split("ClientErrorCode =")[1]
    ?.split(";")[0]
    ?.match(/[A-Z_]+/g);
  expect(rows("Errors")).toEqual(codes);
});

it("documents every state, and no other", () => {
  expect(rows("States")).toEqual(Object.keys(nextSyncState));
});

it("documents every event, and no other", () => {
  const events = read("src/remote-document-events.ts").split("interface RemoteDocumentEvents")[1] ?? "";
  const names = [...events.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name);
  expect(rows("Events").sort()).toEqual(names.sort());
});
