// What the parts of crdt-core take of its bundle: `node apps/bench/bundle-parts.mjs`. Each is left out, and the rest bundled and gzipped
// again; where two parts stand on each other's code, that counts for both or for none.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL("../../packages/crdt-core/src/", import.meta.url));

/** Modules by part. Those from the fourth part on are asked for by some users only, or by strangers. */
const PARTS = {
  "the order": "span-tree editable-tree sequence element-index characters placement integration",
  "reading updates": "update-reader row-codec reader utf8 replica-names update operations",
  "logs and version vectors": "replica-log operation-log run-walker columns version-vector",
  "writing a whole state":
    "save state-encoder state-rows state-characters state-exceptions canonical-order state-cut turns heap picture",
  "opening a whole state":
    "state-decoder state-row-reader state-header bits document-order span-builder saved-text",
  "merging updates without a document": "merge-updates row-merger row-joiner row-source",
  "edits on a version that somebody else saw": "recent-view view edit-in-view",
  "history, deltas": "history delta change-list",
  "what waits, comes twice, is cut": "pending duplicates incoming",
  "long chains": "depth-index ranked-list",
  "counters, register, clock": "g-counter pn-counter lww-register hybrid-logical-clock",
  "lines and columns": "line-index line-column",
};

async function bytesWithout(modules) {
  const out = (path) => modules.includes(basename(path, ".js"));
  const leaveOut = ({ path }) => (out(path) ? { path, external: true, sideEffects: false } : undefined);
  const plugin = { name: "leave out", setup: (it) => it.onResolve({ filter: /\.js$/ }, leaveOut) };
  const stdin = { contents: 'export * from "./index.js";', resolveDir: SOURCES };
  const options = { bundle: true, minify: true, write: false, format: "esm", platform: "browser" };
  const result = await build({ stdin, plugins: [plugin], target: "es2022", ...options });
  return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

const kB = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;
const whole = await bytesWithout([]);
console.log(`all of it: ${kB(whole)}`);
for (const [name, modules] of Object.entries(PARTS)) {
  console.log(`${name}: ${kB(whole - (await bytesWithout(modules.split(" "))))}`);
}
const optional = Object.values(PARTS).slice(3).join(" ").split(" ");
console.log(`left without the fourth part and all behind it: ${kB(await bytesWithout(optional))}`);
