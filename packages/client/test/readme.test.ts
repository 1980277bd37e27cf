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
  expect(readme.rows("Events")).toEqual(membersOf("remote-document-events", "RemoteDocumentEvents"));
});

it("documents every option, and no other", () => {
  expect(readme.rows("Options")).toEqual(membersOf("connect", "ConnectOptions"));
});

/** The names of what an interface has, sorted. */
function membersOf(source: string, name: string): string[] {
  const [, body = ""] = readFileSync(file(`src/${source}.ts`), "utf8").split(`interface ${name} {`);
  return Array.from(
    body.split("\n}")[0]!.matchAll(/^ {2}readonly (\w+)\??:/gm),
    ([, member]) => member!,
  ).sort();
}
