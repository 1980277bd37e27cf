import { Reader } from "../codec/reader.js";
import { NO_REPLICA, RowReader } from "../codec/row-codec.js";
import type { Update } from "../codec/update.js";
import type { ReplicaId } from "../ids.js";
import type { OperationLog } from "./operation-log.js";
import type { ReplicaLog } from "./replica-log.js";

/** Operations of one replica on their way in: a stretch of an update, read as far as it could be applied. */
export class Incoming {
  readonly #names: readonly ReplicaId[];
  /** The logs of `#names`, as far as they are known. */
  readonly #logs: (ReplicaLog | undefined)[];
  readonly #end: number;
  readonly reader: Reader;
  readonly rows: RowReader;
  /** Rows not yet applied, the one just read included. */
  left: number;
  /** The seq of the last operation. */
  readonly #last: number;
  #rowStart: number;

  private constructor(
    source: { names: readonly ReplicaId[]; logs: (ReplicaLog | undefined)[]; end: number },
    stretch: { rows: RowReader; reader: Reader; count: number; last: number },
  ) {
    this.#names = source.names;
    this.#logs = source.logs;
    this.#end = source.end;
    this.reader = stretch.reader;
    this.rows = stretch.rows;
    this.left = stretch.count;
    this.#last = stretch.last;
    this.#rowStart = stretch.reader.position;
  }

  /** The stretches of `update`. */
  static of(update: Update): Incoming[] {
    const logs: (ReplicaLog | undefined)[] = [];
    const { names } = update;
    const incoming: Incoming[] = [];
    for (let number = 0; number < update.stretchCount; number++) {
      const stretch = update.stretch(number);
      incoming.push(new Incoming({ names, logs, end: stretch.end }, stretch));
    }
    return incoming;
  }

  /** Whose operations these are. */
  get replica(): ReplicaId {
    return this.#names[this.rows.own];
  }

  /** The replica that a row names by its index in the table. */
  name(index: number): ReplicaId {
    return this.#names[index];
  }

  /** The log of that replica; undefined while nothing of it was seen. */
  logOf(index: number, log: OperationLog): ReplicaLog | undefined {
    this.#logs[index] ??= log.find(this.#names[index]);
    return this.#logs[index];
  }

  /** Reads the next row. */
  read(): void {
    this.#rowStart = this.reader.position;
    this.rows.read();
  }

  /** Takes the row that was read as never read. */
  unread(): void {
    this.reader.seek(this.#rowStart);
    this.rows.next = this.rows.seq;
  }

  /** The same with copies of its bytes and of the names in them, which do not keep the update alive. */
  detached(): Incoming {
    const bytes = this.reader.copy(this.#rowStart, this.#end);
    const names = this.#namesIn(
      new RowReader(new Reader(bytes)).begin(this.rows.own, this.rows.next, this.#names.length),
    );
    const reader = new Reader(bytes);
    const rows = new RowReader(reader).begin(this.rows.own, this.rows.next, this.#names.length);
    return new Incoming(
      { names, logs: [], end: bytes.length },
      { rows, reader, count: this.left, last: this.#last },
    );
  }

  /** The names that `rows`, which are all that is left, refer to, each at its place in the table. */
  #namesIn(rows: RowReader): ReplicaId[] {
    const names: ReplicaId[] = [];
    for (let left = this.left; left > 0; left--) {
      rows.read();
      rows.skipContent();
      for (const index of [rows.own, ...(rows.isInsert ? [rows.left, rows.right] : [rows.target])]) {
        if (index !== NO_REPLICA) names[index] = this.#names[index];
      }
    }
    return names;
  }

  /** Bytes still to be read. */
  get bytes(): number {
    return this.#end - this.#rowStart;
  }

  /** Whether `other` says the same, byte for byte. */
  equals(other: Incoming): boolean {
    if (this.replica !== other.replica || this.rows.next !== other.rows.next || this.bytes !== other.bytes)
      return false;
    if (this.#names.some((name, index) => name !== other.#names[index])) return false;
    const [mine, theirs] = [this, other].map((each) => each.reader.copy(each.#rowStart, each.#end));
    return mine.every((byte, index) => byte === theirs[index]);
  }

  /** How many operations are left. */
  get operations(): number {
    return this.#last - this.rows.next + 1;
  }
}
