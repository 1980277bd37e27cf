import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What a module of the built package imports, itself or through its own chunks. */
function importsOf(module: URL): string[] {
  const found = [...readFileSync(module, "utf8").matchAll(/from "([^"]+)"/g)].map(([, name]) => name!);
  return found.flatMap((name) => (name.startsWith(".") ? importsOf(new URL(name, module)) : [name]));
}

const built = (path: string) => [...new Set(importsOf(new URL(`../${path}`, import.meta.url)))].sort();

it("brings neither ws nor Node into a browser's bundle", () => {
  expect(built("dist/index.js")).toEqual(["@motet/crdt-core", "valibot"]);
  expect(built("dist/node/ws.js")).toContain("ws");
});

it("opens a line over ws on Node, and over the platform's own WebSocket elsewhere", () => {
  const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const { node, default: web } = exports["./socket"];
  expect(Object.keys(exports["./socket"])).toEqual(["node", "default"]);
  expect(built(node.default)).toContain("ws");
  expect(built(web.default).filter((name) => name !== "@motet/crdt-core")).toEqual([]);
});
