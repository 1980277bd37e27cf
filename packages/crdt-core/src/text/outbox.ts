import type { Stretch } from "../log/operation-log.js";
import type { ReplicaLog } from "../log/replica-log.js";

/** What was done here and not yet sent: stretches of seqs, at most one open at a time. The operations stay in the logs. */
export class Outbox {
  #stretches: { log: ReplicaLog; from: number; to: number }[] = [];

  get isEmpty(): boolean {
    return this.#stretches.length === 0;
  }

  /** Notes that everything of `log` from `seq` on was done here. */
  note(log: ReplicaLog, seq: number): void {
    const last = this.#stretches[this.#stretches.length - 1];
    if (last !== undefined && last.log === log && last.to === seq - 1) last.to = log.next - 1;
    else if (log.next > seq) this.#stretches.push({ log, from: seq, to: log.next - 1 });
  }

  /** Takes everything out, in ascending order of replica and seq. */
  take(): readonly Stretch[] {
    const stretches = this.#stretches;
    this.#stretches = [];
    if (stretches.length === 1) return stretches;
    stretches.sort((a, b) => (a.log === b.log ? a.from - b.from : a.log.replica < b.log.replica ? -1 : 1));
    return joined(stretches);
  }
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches) {
    const last = result.at(-1);
    if (last?.log === stretch.log && last.to + 1 === stretch.from)
      result[result.length - 1] = { ...last, to: stretch.to };
    else result.push(stretch);
  }
  return result;
}
