import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What a module of the built package imports, itself or through its own chunks. */
function importsOf(module: URL): string[] {
  const found = [...readFileSync(module, "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name!);
  return found.flatMap((name) => (name.startsWith(".") ? importsOf(new URL(name, module)) : [name]));
}

const built = (path: string) => new Set(importsOf(new URL(`../dist/${path}`, import.meta.url)));

it("brings neither ws nor Node into a browser's bundle", () => {
  expect([...built("index.js")].sort()).toEqual(["@motet/crdt-core", "valibot"]);
  expect(built("node/ws.js")).toContain("ws");
});
