import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "es2022",
  dts: false,
  clean: true,
  sourcemap: true,
  // What tells the coverage to pass over a line would otherwise be in every program that loads this package.
  esbuildOptions(options) {
    options.legalComments = "none";
  },
});
