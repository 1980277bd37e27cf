import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** How a page that is published with a package refers to the rest of the repository. */
const ONLINE = "https://github.com/motet-collab/motet/blob/main/";
/** Drawn by `pnpm bench`. */
const CHARTS = "apps/bench/charts/";

const rooms = ["packages", "apps"].flatMap((floor) =>
  readdirSync(join(ROOT, floor)).map((name) => `${floor}/${name}`),
);
const pages = ["", ...rooms, ...rooms.map((room) => `${room}/docs`)].flatMap(pagesIn);
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");

describe.each(pages)("%s", (page) => {
  it("leads to pages, files and headings that are there", () => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    expect(links.filter((link) => !isThere(page, link))).toEqual([]);
  });
});

it("the threat model names tests that are there", () => {
  const named = [...read("THREAT_MODEL.md").matchAll(/^\|.*\| (.*) \|$/gm)].flatMap(([, tests]) => [
    ...tests!.matchAll(/`([^`]+)`/g),
  ]);
  expect(named.length).toBeGreaterThan(20);
  const places = (name: string) => [name, `${name}.test.ts`, `apps/server/test/${name}.test.ts`];
  const missing = named.filter(([, name]) => !places(name!).some((place) => existsSync(join(ROOT, place))));
  expect(missing.map(([, name]) => name)).toEqual([]);
});

function pagesIn(folder: string): readonly string[] {
  const path = join(ROOT, folder);
  const names = existsSync(path) ? readdirSync(path) : [];
  return names.filter((name) => name.endsWith(".md")).map((name) => join(folder, name));
}

function isThere(page: string, link: string): boolean {
  if (/^(https?|mailto):/.test(link) && !link.startsWith(ONLINE)) return true;
  const [path = "", heading] = link.replace(ONLINE, "/").split("#");
  const target = path === "" ? page : path.startsWith("/") ? path.slice(1) : join(dirname(page), path);
  if (target.startsWith(CHARTS)) return true;
  if (!existsSync(join(ROOT, target))) return false;
  return heading === undefined || headings(target).includes(heading);
}

/** As GitHub names them. */
function headings(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
