import { readFileSync } from "node:fs";
import { Markdown, unionIn } from "@motet/testing/pages";
import { expect, it } from "vitest";
import { nextSyncState } from "../src/index.js";

const file = (name: string) => new URL(`../${name}`, import.meta.url);
const readme = new Markdown(file("README.md"));

// The program needs a server, so that is where it is run: apps/server/test/client-readme.test.ts.

it("documents every error code, and no other", () => {
  expect(readme.rows("Errors")).toEqual(unionIn(file("src/errors.ts"), "ClientErrorCode"));
});

it("documents every state, and no other", () => {
  expect(readme.rows("States")).toEqual(Object.keys(nextSyncState).sort());
});

it("documents every event, and no other", () => {
  const source = readFileSync(file("src/remote-document-events.ts"), "utf8");
  const events = source.split("interface RemoteDocumentEvents")[1] ?? "";
  const names = Array.from(events.matchAll(/^ {2}readonly (\w+):/gm), ([, name]) => name!);
  expect(readme.rows("Events")).toEqual(names.sort());
});
