/**
 * `pnpm release`: publishes what the changesets have given a new version, in the order that their dependencies ask for.
 * With `--dry-run` it applies the changesets in a copy of the repository, builds and packs it, and says what would be published.
 */
import { parseArgs } from "node:util";
import { run } from "./command.js";
import { rehearse } from "./dry-run.js";
import { REPOSITORY } from "./places.js";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { "dry-run": { type: "boolean", default: false } },
});
if (values["dry-run"]) process.stdout.write(rehearse(REPOSITORY));
else process.stdout.write(run("npx", ["changeset", "publish"], REPOSITORY));
