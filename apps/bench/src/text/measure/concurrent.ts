/** The rows of a concurrent trace, in the process that the job was given to. */
import type { Engine, Replica } from "../library.js";
import type { Measurements } from "../rows.js";
import type { ConcurrentTrace } from "../traces/trace.js";
import { checkText } from "./check.js";
import { sample } from "./sample.js";
import { deflatedBytes, NS_PER_MS, receiveEach, verifying } from "./sequential.js";

/** What a live session leaves: its replicas and everything they sent, in the order of the trace. */
interface Session {
  readonly replicas: readonly Replica[];
  readonly updates: readonly Uint8Array[];
}

/**
 * A session is a tenth of a sequential trace, so compilers warm up in ten of them, not in the first: with one budget, motet and
 * json-joy alike were measured while they still compiled (motet's third session took 3,400 ns an edit, its twentieth 850).
 */
const BUDGETS_LIVE = 5;

/** Replays `trace` between live replicas, then once more into a fresh one. Sizes are of a whole trace only. */
export function measureConcurrent(engine: Engine, trace: ConcurrentTrace, sampleMs: number): Measurements {
  const { timing, updates, text, saved } = sampleLive(engine, trace, sampleMs * BUDGETS_LIVE);
  const run = (): Replica => {
    const replica = engine.create(trace.agents + 1, false);
    receiveEach(replica, updates);
    return replica;
  };
  const replay = sample({ run, verify: verifying(text) }, sampleMs);
  const perEdit = NS_PER_MS / trace.edits.length;
  const times = { live: timing.medianMs * perEdit, replay: replay.medianMs * perEdit };
  if (trace.endContent === undefined) return times;
  return { ...times, concurrentSaved: saved.length, concurrentDeflated: deflatedBytes(saved) };
}

/** Times live sessions; of the last one, gives what it sent, what everybody reads, and the file of the first agent. */
function sampleLive(engine: Engine, trace: ConcurrentTrace, sampleMs: number) {
  let last: { updates: readonly Uint8Array[]; text: string; saved: Uint8Array } | undefined;
  const timing = sample(
    {
      run: () => playLive(engine, trace),
      verify({ replicas, updates }: Session) {
        const text = trace.endContent ?? replicas[0]!.text();
        for (const replica of replicas) checkText(replica.text(), text);
        last = { updates, text, saved: replicas[0]!.save() };
        for (const replica of replicas) replica.dispose?.();
      },
    },
    sampleMs,
  );
  return { timing, ...last! };
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
