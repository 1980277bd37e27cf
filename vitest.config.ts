import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with one line that a machine can read: `N passed, N failed, N skipped`. */
class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const totals = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      const groups = [module, ...module.children.allSuites()]; // A hook that fails belongs to its group, not to a test.
      totals.failed += groups.filter((group) => group.errors().length > 0).length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        totals[state === "pending" ? "skipped" : state]++;
      }
    }
    const line = `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
    process.once("exit", () => console.log(line));
  }
}

/** Every package is a project under its own name, with the settings below; what it needs running, its `test/global-setup.ts` starts. */
const projects = ["packages", "apps"]
  .flatMap((floor) => readdirSync(floor).map((room) => `${floor}/${room}`))
  .map((root) => {
    const { name } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { name: string };
    const globalSetup = [resolve(root, "test/global-setup.ts")].filter((file) => existsSync(file));
    return { extends: true as const, root, test: { name, globalSetup } };
  });

export default defineConfig({
  test: {
    projects,
    reporters: ["default", new TotalsReporter()],
    testTimeout: 30_000,
    exclude: [...configDefaults.exclude, "**/dist/**"], // The API reference has copies of all that READMEs link to.
  },
});
