import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { PACKAGE_FOLDER } from "../places.js";
import type { BundleSource } from "./library.js";

const BYTES_PER_KB = 1_000;

/**
 * What a browser downloads, in kB of 1,000 bytes: the program bundled and minified by esbuild, and each file beside it (WASM), all
 * gzipped at level 9. `undefined` for an empty program.
 */
export async function bundleKilobytes(source: BundleSource): Promise<number | undefined> {
  if (source.program === "") return undefined;
  const result = await build({
    stdin: { contents: source.program, resolveDir: PACKAGE_FOLDER, loader: "js" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["fs", "path", "util", "node:*"],
    logLevel: "silent",
  });
  const program = gzippedBytes(result.outputFiles[0]!.contents);
  const beside = (source.files ?? []).map((path) =>
    gzippedBytes(readFileSync(join(PACKAGE_FOLDER, "node_modules", path))),
  );
  return [program, ...beside].reduce((total, bytes) => total + bytes, 0) / BYTES_PER_KB;
}

function gzippedBytes(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}
