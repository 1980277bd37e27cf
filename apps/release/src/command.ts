import { spawnSync } from "node:child_process";

/**
 * Runs a program to its end and returns what it printed.
 * @throws {Error} with what it printed, when it ends with anything but 0.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(" ")}: ${error?.message ?? `${stdout}\n${stderr}`.trim().slice(-3_000)}`,
  );
}
