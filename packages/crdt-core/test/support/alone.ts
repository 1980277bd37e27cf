import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/** A program that runs in a process which has nothing else to do, and may call `gc`. It imports `./crdt-core.mjs`. */
export class Alone {
  readonly #folder = mkdtempSync(join(tmpdir(), "crdt-core-"));
  readonly #program: string;
  readonly #flags: readonly string[];

  /** @param flags What the process is started with. */
  constructor(program: string, flags: readonly string[] = []) {
    this.#program = program;
    this.#flags = flags;
  }

  /** Puts together what the program needs. */
  async open(): Promise<void> {
    await build({
      entryPoints: [`${import.meta.dirname}/../../src/index.ts`],
      outfile: join(this.#folder, "crdt-core.mjs"),
      bundle: true,
      format: "esm",
    });
    writeFileSync(join(this.#folder, "program.mjs"), this.#program);
  }

  /** Runs the program on a file of `bytes`, and returns what it says. */
  run(bytes: Uint8Array, ...options: readonly string[]): string {
    const file = join(this.#folder, "input");
    writeFileSync(file, bytes);
    const program = join(this.#folder, "program.mjs");
    const given = ["--expose-gc", ...this.#flags, program, file, ...options];
    return execFileSync(process.execPath, given).toString();
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
