import type { Findings, Load } from "../job.js";
import { Crowd, type Person, type Place } from "./crowd.js";
import { paced } from "./paced.js";
import { percentile } from "./percentile.js";
import { processorUs } from "./server-watch.js";
import { forMs } from "./wait.js";

/** How long after the last edit a straggler is waited for. */
const SETTLE_MS = 500;

/** People who do something at a steady rate: how long it takes to reach the others, and what it costs the server. */
export async function steady(place: Place, pid: number, load: Load & { kind: "steady" }): Promise<Findings> {
  const { documents, perDocument, writersPerDocument, editsPerSecond, warmUp, seconds, does } = load;
  const crowd = new Crowd(place);
  await crowd.join(documents, perDocument);
  const writers = crowd.people.filter((_, at) => at % perDocument < writersPerDocument);
  const act = does === "edit" ? (person: Person) => person.edit() : mover();
  const perSecond = writers.length * editsPerSecond;
  await paced(writers, perSecond, warmUp, act);
  crowd.startMeasuring();
  const beforeUs = processorUs(pid);
  await paced(writers, perSecond, seconds, act);
  await forMs(SETTLE_MS);
  const usedUs = processorUs(pid) - beforeUs;
  crowd.leave();
  return {
    deliveryP50: percentile(crowd.deliveryMs, 0.5),
    deliveryP99: percentile(crowd.deliveryMs, 0.99),
    ackP50: percentile(crowd.ackMs, 0.5),
    ackP99: percentile(crowd.ackMs, 0.99),
    cpuUs: usedUs / (perSecond * seconds),
  };
}

function mover(): (person: Person) => void {
  let step = 0;
  return ({ speaker }) => speaker.move?.(++step);
}
