/** What the parent asks of a measuring process, and what it hears back. Both travel as JSON. */
import type { Measurements, Stage } from "./rows.js";
import type { ConcurrentName, SequentialName } from "./traces/load.js";

interface JobFacts {
  readonly library: string;
  /** Timed work for each row, in milliseconds: a row is repeated while it lasts. */
  readonly sampleMs: number;
  /** Where the traces are; `undefined` has sessions generated. */
  readonly traces: string | undefined;
  /** Replays stop here even where the library could go on. */
  readonly editsMax: number | undefined;
}

/** One library on one trace, or on a hostile shape. */
export type Job = JobFacts &
  (
    | {
        readonly kind: "sequential";
        readonly trace: SequentialName;
        readonly stages: readonly Stage[];
        /** Where the document is kept for later processes: read if it is there, else written; `undefined` if nobody needs it. */
        readonly file: string | undefined;
      }
    | { readonly kind: "concurrent"; readonly trace: ConcurrentName }
    | { readonly kind: "memory"; readonly trace: SequentialName; readonly file: string }
    | { readonly kind: "hostile" }
  );

/** What a job found. */
export interface Answer {
  readonly measurements: Measurements;
  /** Processor time by elapsed time while measuring: about 1 when nothing else ran on the core. */
  readonly coreShare: number;
  /** How many edits were replayed, if only the front of the trace was. */
  readonly frontOnly?: number;
}
