import { fork } from "node:child_process";
import { once } from "node:events";
import { DISK_WATCHER } from "../places.js";

/** How long the disk took to sync, while it was watched, in milliseconds. */
export interface DiskFindings {
  readonly median: number;
  readonly most: number;
}

/** Does `work` while a process beside it watches how long the disk of `folder` takes to sync. */
export async function whileWatching<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly disk: DiskFindings }> {
  const watcher = fork(DISK_WATCHER, [folder], { execArgv: [] });
  const answer = once(watcher, "message");
  try {
    const result = await work();
    watcher.send("stop");
    const [disk] = (await answer) as [DiskFindings];
    return { result, disk };
  } finally {
    if (watcher.connected) watcher.kill("SIGKILL");
  }
}
