import type { Findings, Load } from "../job.js";
import { Crowd, type Place } from "./crowd.js";
import { processorUs } from "./server-watch.js";
import { forMs } from "./wait.js";

/** Pairs who type as fast as the server lets them: each has `inFlight` edits that the other has not seen yet. */
export async function saturate(
  place: Place,
  pid: number,
  load: Load & { kind: "saturate" },
): Promise<Findings> {
  const { documents, inFlight, warmUp, seconds } = load;
  const crowd = new Crowd(place);
  await crowd.join(documents, 2);
  let seen = 0;
  crowd.onSeen = (writer) => {
    seen++;
    writer.edit();
  };
  for (const person of crowd.people) for (let at = 0; at < inFlight; at++) person.edit();
  await forMs(warmUp * 1_000);
  const [seenBefore, beforeUs, startMs] = [seen, processorUs(pid), performance.now()];
  await forMs(seconds * 1_000);
  const [edits, elapsedS] = [seen - seenBefore, (performance.now() - startMs) / 1_000];
  const usedUs = processorUs(pid) - beforeUs;
  crowd.onSeen = () => {};
  crowd.leave();
  return { editsPerSecond: edits / elapsedS, cpuUs: usedUs / edits, busy: usedUs / 1e6 / elapsedS };
}
