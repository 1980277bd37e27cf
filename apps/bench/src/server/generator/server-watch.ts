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
  return memoryOf(pid).residentKB;
}

/** Its resident memory in kB, and how much of that is its own: the rest is files, which the system takes back when it needs room. */
export function memoryOf(pid: number): { readonly residentKB: number; readonly privateKB: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kB = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]);
  return { residentKB: kB("VmRSS"), privateKB: kB("RssAnon") };
}
