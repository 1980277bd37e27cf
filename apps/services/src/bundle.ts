import { build } from "esbuild";

/** A program of TypeScript as one script for a page; what it imports is looked for from `resolveDir`. */
export async function bundle(contents: string, resolveDir: string): Promise<string> {
  const stdin = { contents, resolveDir, loader: "ts" } as const;
  const options = { bundle: true, write: false, format: "iife", platform: "browser" } as const;
  const { outputFiles } = await build({ stdin, ...options, target: "es2022" });
  return outputFiles[0]!.text;
}
