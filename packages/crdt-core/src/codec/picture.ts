import type { Ints } from "../columns.js";
import type { ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";

/**
 * A document as it is at one moment, for an encoding that takes several turns while the document is edited on. The logs
 * only grow, so how far they go is enough; the order is copied. Characters are read where they are. O(spans + replicas).
 */
export class Picture {
  readonly sequence: Sequence;
  /** What everybody did, in ascending order of ids; a replica's place is its place here. */
  readonly logs: readonly ReplicaLog[];
  /** The last seq of each. */
  readonly lasts: readonly number[];
  readonly elements: number;
  /** Visible UTF-16 units. */
  readonly length: number;
  readonly hasConflict: boolean;
  /** `[first element, length]` of every span in document order, the length negative where dead. */
  readonly spans: Ints;

  constructor(sequence: Sequence) {
    this.sequence = sequence;
    this.logs = sequence.log.sorted();
    this.lasts = this.logs.map((log) => log.next - 1);
    this.elements = sequence.log.elements;
    this.length = sequence.length;
    this.hasConflict = sequence.log.hasConflict;
    this.spans = sequence.spans();
  }
}
