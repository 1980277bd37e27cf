import type { Findings, Load } from "../job.js";
import { Crowd, type Place } from "./crowd.js";
import { residentKB } from "./server-watch.js";
import { forMs } from "./wait.js";

/** How long the server is left alone before its memory is read. */
const REST_MS = 3_000;

/** What a connection costs that does nothing: the slope between two crowds, and what the first began with. */
export async function idle(place: Place, pid: number, load: Load & { kind: "idle" }): Promise<Findings> {
  const { documents, few, many } = load;
  const startKB = residentKB(pid);
  const [first, second] = [new Crowd(place), new Crowd(place)];
  await first.join(documents, few / documents);
  await forMs(REST_MS);
  const fewKB = residentKB(pid);
  await second.join(documents, (many - few) / documents);
  await forMs(REST_MS);
  const manyKB = residentKB(pid);
  first.leave();
  second.leave();
  return {
    kBEach: (manyKB - fewKB) / (many - few),
    kBFirst: (fewKB - startKB) / few,
    startMB: startKB / 1_024,
  };
}
