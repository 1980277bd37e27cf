import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { gzipSync } from "node:zlib";

/** A file of the page, as browsers get it. */
export interface PlaygroundFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same, for whoever takes it so. */
  readonly gzipped: Uint8Array;
}

/** The page that starts everything, and all that it may ask for afterwards. */
export interface PlaygroundFiles {
  readonly page: string;
  /** By path, such as `/assets/index-4f2a.js`. The name of each changes with its content. */
  readonly assets: ReadonlyMap<string, PlaygroundFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Reads a built playground into memory, some 600 kB: no request ever reaches the disk, so none can ask for another file. What has
 * a type that a page has no use for, such as a map of its sources, is left out.
 * @throws Node's error when there is none in `folder`.
 */
export function readPlayground(folder: string): PlaygroundFiles {
  const assets = join(folder, "assets");
  return {
    page: readFileSync(join(folder, "index.html"), "utf8"),
    assets: new Map(readdirSync(assets).flatMap((name) => fileAt(assets, name))),
  };
}

function fileAt(folder: string, name: string): [string, PlaygroundFile][] {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
  if (type === undefined) return [];
  const bytes = readFileSync(folder + sep + name);
  return [[`/assets/${name}`, { type, bytes, gzipped: gzipSync(bytes, { level: 9 }) }]];
}
