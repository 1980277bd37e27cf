/** The rows of a concurrent trace, in the process that the job was given to. */
import type { Engine, Replica } from "../library.js";
import type { Measurements } from "../rows.js";
import type { ConcurrentTrace } from "../traces/trace.js";
import { checkText } from "./check.js";
import { sample } from "./sample.js";
import { deflatedBytes, receiveEach, verifying } from "./sequential.js";

/** What a live session leaves: its replicas and everything they sent, in the order of the trace. */
interface Session {
  readonly replicas: readonly Replica[];
  readonly updates: readonly Uint8Array[];
}

/** Replays `trace` between live replicas, then once more into a fresh one. Sizes are of a whole trace only. */
export function measureConcurrent(engine: Engine, trace: ConcurrentTrace, sampleMs: number): Measurements {
  let updates: readonly Uint8Array[] = [];
  let endContent = trace.endContent;
  let saved: Uint8Array = new Uint8Array();
  const live = sample(
    {
      run: () => playLive(engine, trace),
      verify(session: Session) {
        endContent ??= session.replicas[0]!.text();
        for (const replica of session.replicas) checkText(replica.text(), endContent);
        saved = session.replicas[0]!.save();
        updates = session.updates;
        for (const replica of session.replicas) replica.dispose?.();
      },
    },
    sampleMs,
  );
  const replay = sample(
    {
      run() {
        const replica = engine.create(trace.agents + 1, false);
        receiveEach(replica, updates);
        return replica;
      },
      verify: verifying(endContent!),
    },
    sampleMs,
  );
  const times = { live: live.medianMs, replay: replay.medianMs };
  if (trace.endContent === undefined) return times;
  return { ...times, concurrentSaved: saved.length, concurrentDeflated: deflatedBytes(saved) };
}

/** Every agent edits its own replica; before each edit it takes in what the trace says has reached it; in the end, all the rest. */
function playLive(engine: Engine, trace: ConcurrentTrace): Session {
  const replicas = Array.from({ length: trace.agents }, (_, agent) => engine.create(agent + 1, true));
  const updates: Uint8Array[] = [];
  const has = replicas.map(() => new Uint8Array(trace.edits.length));
  for (const [index, { agent, receives, edit }] of trace.edits.entries()) {
    const replica = replicas[agent]!;
    for (const other of receives) {
      replica.receive(updates[other]!);
      has[agent]![other] = 1;
    }
    replica.edit(edit[0], edit[1], edit[2]);
    updates.push(replica.takeUpdate());
    has[agent]![index] = 1;
  }
  for (const [agent, replica] of replicas.entries()) {
    for (const [index, update] of updates.entries()) if (has[agent]![index] === 0) replica.receive(update);
  }
  return { replicas, updates };
}
