import { Reader } from "../codec/reader.js";
import { RowReader } from "../codec/row-codec.js";
import type { ReplicaId } from "../ids.js";
import type { OperationLog } from "./operation-log.js";
import type { ReplicaLog } from "./replica-log.js";

/** Operations of one replica on their way in: a stretch of an update, read as far as it could be applied. */
export class Incoming {
  readonly reader: Reader;
  readonly rows: RowReader;
  names: readonly ReplicaId[] = [];
  /** The logs of `names`, as far as they are known. */
  logs: (ReplicaLog | undefined)[] = [];
  /** The seq of the last operation, of a stretch by itself. */
  #last = 0;
  #rowStart = 0;

  constructor(reader: Reader, rows: RowReader) {
    this.reader = reader;
    this.rows = rows;
  }

  /** Whose operations these are. */
  get replica(): ReplicaId {
    return this.names[this.rows.own];
  }

  /** The log of the replica that a row names by its index in the table; undefined while nothing of it was seen. */
  logOf(index: number, log: OperationLog): ReplicaLog | undefined {
    let known = this.logs[index];
    if (known === undefined) {
      known = log.find(this.names[index]);
      this.logs[index] = known;
    }
    return known;
  }

  /** Reads the next row; false when there is none. */
  read(): boolean {
    this.#rowStart = this.reader.position;
    return this.rows.read();
  }

  /** Takes the row that was read as never read. */
  unread(): void {
    this.reader.seek(this.#rowStart);
    this.rows.next = this.rows.seq;
    this.rows.rowsLeft++;
  }

  /** Passes over all that is left, and returns it as a stretch by itself, which does not keep the update alive. */
  split(): Incoming {
    const { own, next } = this.rows;
    const from = this.reader.position;
    const named: number[] = [];
    let count = 0;
    for (; this.rows.read(); count++) {
      this.rows.skipContent();
      this.rows.noteNamed(named);
    }
    const reader = new Reader(new Uint8Array(this.reader.view(from, this.reader.position)));
    const rest = new Incoming(reader, new RowReader(reader).begin(own, next, this.names.length, count));
    rest.names = named.map((_, index) => this.names[index]);
    rest.#last = this.rows.next - 1;
    return rest;
  }

  /** Rows not yet applied. */
  get left(): number {
    return this.rows.rowsLeft;
  }

  /** Bytes still to be read. */
  get bytes(): number {
    return this.reader.remaining;
  }

  /** How many operations are left. */
  get operations(): number {
    return this.#last - this.rows.next + 1;
  }

  /** Whether `other` says the same, byte for byte. */
  equals(other: Incoming): boolean {
    if (this.replica !== other.replica || this.rows.next !== other.rows.next || this.bytes !== other.bytes)
      return false;
    if (this.names.some((name, index) => name !== other.names[index])) return false;
    const theirs = other.#unreadBytes();
    return this.#unreadBytes().every((byte, index) => byte === theirs[index]);
  }

  #unreadBytes(): Uint8Array {
    const { position, remaining } = this.reader;
    return this.reader.view(position, position + remaining);
  }
}
