/** What a process has used, as Linux tells it. */
import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second for everybody who asks. */
const TICKS_PER_SECOND = 100;

/** Processor time of the process so far, all its threads, in microseconds. */
export function processorUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}

/** Its resident memory in kB. */
export function residentKB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
}
