import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What a program has to load, at most, in bytes: minified and compressed. */
const BOUNDS = [
  ["a text", 'export { TextCRDT } from "./index.js";', 23_300],
  ["the whole package", 'export * from "./index.js";', 31_750],
] as const;

describe("what a program loads", () => {
  it.each(BOUNDS)("%s: %s is at most %i bytes, minified and compressed", async (_, contents, bytesMax) => {
    const stdin = { contents, resolveDir: `${import.meta.dirname}/../src`, loader: "ts" } as const;
    // Without the comments that the build takes out as well.
    const options = { bundle: true, minify: true, write: false, legalComments: "none" } as const;
    const { outputFiles } = await build({ stdin, ...options, format: "esm", target: "es2022" });
    expect(gzipSync(outputFiles[0].contents, { level: 9 }).length).toBeLessThanOrEqual(bytesMax);
  });
});
