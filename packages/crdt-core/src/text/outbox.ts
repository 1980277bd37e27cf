import type { Stretch } from "../log/operation-log.js";
import type { ReplicaLog } from "../log/replica-log.js";

/** What was done here and not yet sent. Only seqs are noted: the operations stay in the logs. */
export class Outbox {
  /** The stretch that the next operation will most likely lengthen. */
  #log: ReplicaLog | undefined;
  #from = 0;
  /** The seq behind it. */
  #end = 0;
  #earlier: Stretch[] = [];

  get isEmpty(): boolean {
    return this.#log === undefined;
  }

  /** Notes that everything of `log` from `seq` on was done here. */
  note(log: ReplicaLog, seq: number): void {
    if (this.#log === log && this.#end === seq) this.#end = log.next;
    else if (log.next > seq) this.#begin(log, seq);
  }

  /** Takes everything out, in ascending order of replica and seq. Not to be called when there is nothing. */
  take(): readonly Stretch[] {
    const last = { log: this.#log!, from: this.#from, to: this.#end - 1 };
    this.#log = undefined;
    if (this.#earlier.length === 0) return [last];
    const stretches = [...this.#earlier, last];
    this.#earlier = [];
    stretches.sort((a, b) => (a.log === b.log ? a.from - b.from : a.log.replica < b.log.replica ? -1 : 1));
    return joined(stretches);
  }

  #begin(log: ReplicaLog, seq: number): void {
    if (this.#log !== undefined) this.#earlier.push({ log: this.#log, from: this.#from, to: this.#end - 1 });
    this.#log = log;
    this.#from = seq;
    this.#end = log.next;
  }
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches) {
    const last = result.at(-1);
    if (last?.log === stretch.log && last.to + 1 === stretch.from) {
      result[result.length - 1] = { ...last, to: stretch.to };
    } else result.push(stretch);
  }
  return result;
}
