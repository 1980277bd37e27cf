import { build, type Plugin } from "esbuild";

/** What `@motet/transport/testing` has for tests on Node does not run in a page, and need not be there. */
const withoutNode: Plugin = {
  name: "without-node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(crypto|net)$/ }, ({ path }) => ({ path, namespace: "nothing" }));
    onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** A program of TypeScript as one script for a page; what it imports is looked for from `resolveDir`. */
export async function bundle(contents: string, resolveDir: string): Promise<string> {
  const stdin = { contents, resolveDir, loader: "ts" } as const;
  const options = { bundle: true, write: false, format: "iife", platform: "browser" } as const;
  const { outputFiles } = await build({ stdin, ...options, target: "es2022", plugins: [withoutNode] });
  return outputFiles[0]!.text;
}
