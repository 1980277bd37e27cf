import type { Findings, Load } from "../job.js";
import { MARK_LENGTH } from "../mark.js";
import { Crowd, type Place } from "./crowd.js";
import { paced } from "./paced.js";
import { memoryOf } from "./server-watch.js";
import { forMs } from "./wait.js";

const EDIT_BYTES = 1_024;
const EDITS_PER_SECOND = 2_000;
const SAMPLE_MS = 100;

/** Readers that stop reading while one person writes: by how much the server's memory grows at most. */
export async function stall(place: Place, pid: number, load: Load & { kind: "stall" }): Promise<Findings> {
  const { readers, megabytes } = load;
  const crowd = new Crowd(place);
  await crowd.join(1, readers + 1, "stalled");
  const [writer, ...others] = crowd.people;
  for (const { socket } of others) socket.pause();
  await forMs(1_000);
  const start = memoryOf(pid);
  const most = { ...start };
  const sampler = setInterval(() => {
    const now = memoryOf(pid);
    most.residentKB = Math.max(most.residentKB, now.residentKB);
    most.privateKB = Math.max(most.privateKB, now.privateKB);
  }, SAMPLE_MS);
  const padding = "x".repeat(EDIT_BYTES - MARK_LENGTH);
  const seconds = (megabytes * 1e6) / EDIT_BYTES / EDITS_PER_SECOND;
  await paced([writer!], EDITS_PER_SECOND, seconds, (person) => person.edit(padding));
  await forMs(1_000);
  clearInterval(sampler);
  crowd.leave();
  return {
    growthMB: (most.residentKB - start.residentKB) / 1_024,
    privateMB: (most.privateKB - start.privateKB) / 1_024,
  };
}
