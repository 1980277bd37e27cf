/**
 * The disk's witness: syncs a file of its own over and over until it is told to stop, and says how long that took. A stall that
 * it shows is the machine's, and no server's.
 */
import { closeSync, fdatasync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { percentile } from "./generator/percentile.js";
import { forMs } from "./generator/wait.js";

/** Between two syncs: often enough to see a stall, seldom enough to leave the disk to those who are measured. */
const PAUSE_MS = 20;

const file = join(process.argv[2]!, "watcher");
const handle = openSync(file, "w");
const sync = promisify(fdatasync);
const syncsMs: number[] = [];
let isOver = false;
process.once("message", () => {
  isOver = true;
});

while (!isOver) {
  writeSync(handle, "x".repeat(512), 0);
  const startMs = performance.now();
  await sync(handle);
  syncsMs.push(performance.now() - startMs);
  await forMs(PAUSE_MS);
}
closeSync(handle);
rmSync(file);
const [median, most] = [percentile(syncsMs, 0.5), percentile(syncsMs, 1)];
process.send!({ median, most }, () => process.exit(0));
