import { defineConfig } from "vite";

// The folder inside `dist` has a name, because the server takes `dist` over into its own.
export default defineConfig({
  root: "src",
  build: {
    chunkSizeWarningLimit: 700, // kB, before compression: an editor is most of it.
    outDir: "../dist/playground",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // The page's policy knows no data: addresses.
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8080", "/documents": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
