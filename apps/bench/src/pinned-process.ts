import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** From util-linux; without it, processes run where the system puts them. */
const PINNER = "taskset";

/** What is started: a built entry file, told its work as one JSON argument, on one core where that is possible. */
export interface PinnedProcess {
  /** Path of the JavaScript file. It answers with one message over the process channel. */
  readonly entry: string;
  readonly job: unknown;
  /** Options of Node itself, besides that the collector can be called. */
  readonly nodeOptions: readonly string[];
  /** The core to stay on; `undefined` leaves the choice to the system. */
  readonly core: number | undefined;
  /** Killed, and reported as failed, after this long. */
  readonly timeoutMs: number;
}

/**
 * The last core if `taskset` is there and there are at least two, so that the parent stays out of the way.
 * All threads of a measured process (collector and compilers too) share it: the figures are for one core.
 */
export function measuringCore(): number | undefined {
  const cores = availableParallelism();
  const hasTaskset = spawnSync(PINNER, ["--version"]).status === 0;
  return hasTaskset && cores > 1 ? cores - 1 : undefined;
}

/** `command` with what keeps it on `core`; unchanged without one. */
export function pinnedCommand(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : [PINNER, "-c", String(core), ...command];
}

/** What makes Node leave a profile of a process in that folder; nothing without one. */
export function profilingOptions(folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

/**
 * Runs one job in a process of its own and gives the message that it sends.
 * Rejects if the process ends without one: with its exit code, signal and the last of what it wrote to its error output.
 */
export function runPinned<Answer>(task: PinnedProcess): Promise<Answer> {
  const node = [process.execPath, "--expose-gc", ...task.nodeOptions, task.entry, JSON.stringify(task.job)];
  const command = pinnedCommand(node, task.core);
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    timeout: task.timeoutMs,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    let complaint = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2_000);
    });
    child.once("message", (answer) => resolve(answer as Answer));
    child.once("error", reject);
    child.once("close", (code, signal) => reject(new Error(`ended with ${signal ?? code}: ${complaint}`)));
  });
}
