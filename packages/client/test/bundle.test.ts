import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

/** What a page has to load, at most: the text's engine is half of it. */
const BYTES_MAX = 51_000;

describe("what a page loads for a document", () => {
  let code: Uint8Array;
  let inputs: Metafile["inputs"];

  beforeAll(async () => {
    const stdin = { contents: 'export { connect } from "@motet/client";', resolveDir: import.meta.dirname };
    const options = { bundle: true, minify: true, write: false, metafile: true } as const;
    const result = await build({ stdin, ...options, format: "esm", platform: "browser", target: "es2022" });
    code = result.outputFiles[0]!.contents;
    inputs = result.metafile.inputs;
  });

  it(`is at most ${BYTES_MAX} bytes, minified and compressed`, () => {
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(BYTES_MAX);
  });

  it("is without ws and without anything of Node", () => {
    const foreign = Object.entries(inputs).filter(
      ([path, { imports }]) =>
        /node_modules\/ws\/|dist\/node\//.test(path) || imports.some((it) => it.path.startsWith("node:")),
    );
    expect(foreign).toEqual([]);
    expect(new TextDecoder().decode(code)).not.toMatch(/perMessageDeflate|Sec-WebSocket-Key/);
  });
});
