import { CrdtError, malformed } from "../errors.js";
import type { ReplicaId } from "../ids.js";
import type { ReplicaLog } from "../log/replica-log.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { Reader } from "./reader.js";
import { readName, readNames, USUAL_LENGTH } from "./replica-names.js";
import { NO_REPLICA, RowReader, UNCOUNTED } from "./row-codec.js";

// update  := 0x11 id:9 bytes, first seq:varint, row+            One replica of 11 characters, own references only.
//          | 0x10 names stretch:count stretch*
// stretch := owner:index first:varint row:count row+            In ascending order, as few as possible.

/** So many tables are remembered: people who type at the same time. A long one is not: it comes once. */
const TABLES_MAX = 4;
const FRONT_BYTES_MAX = 256;

/** What it takes to name a replica of a table. */
const REFERENCE_BYTES_MIN = 2;

/** The front of an update: its layout, and the replicas that it names. */
interface Table {
  readonly front: Uint8Array;
  readonly isOwn: boolean;
  readonly names: readonly ReplicaId[];
  /** What is known here of each of them, as far as somebody has looked it up. */
  readonly logs: (ReplicaLog | undefined)[];
  /** 1 where a row that was checked names it. */
  readonly named: Uint8Array;
}

const NOTHING = new Uint8Array();
const NO_TABLE: Table = { front: NOTHING, isOwn: false, names: [], logs: [], named: NOTHING };

/**
 * Reads updates by id, stretch by stretch and row by row, into its own fields. One reader for many updates: no object is
 * made for one of them, and the names are read once as long as the next update has the same.
 */
export class UpdateReader {
  readonly reader = new Reader(NOTHING);
  bytes: Uint8Array = NOTHING;
  /** The row that was read last. */
  readonly rows = new RowReader(this.reader);
  /** Whom the update names: the same as long as the front is. */
  table = NO_TABLE;
  /** Tables read before, and where the next one goes. */
  readonly #tables: Table[] = [];
  #place = 0;
  /** Stretches not yet begun. */
  stretches = 0;
  /** A bit for each kind of row that was checked, how many rows there were, and where the content of the last one begins. */
  kinds = 0;
  #checked = 0;
  #content = 0;

  /** Reads the front of `bytes`. @throws {CrdtError} `UNSUPPORTED_VERSION`, `MALFORMED` */
  open(bytes: Uint8Array): this {
    this.reader.reset(bytes);
    this.bytes = bytes;
    if (!isFront(this.table, bytes)) this.#changeTable(bytes);
    this.kinds = 0;
    this.#checked = 0;
    if (!this.table.isOwn) this.table.named.fill(0);
    return this.restart();
  }

  /** Goes before the first stretch of the update. */
  restart(): this {
    const { front, isOwn, names } = this.table;
    this.reader.seek(front.length);
    this.stretches = 1;
    if (isOwn) return this;
    this.stretches = this.reader.count(5);
    this.rows.begin(NO_REPLICA, 0, names.length, 0);
    return this;
  }

  /** Reads over everything. @throws {CrdtError} as `Update.decode` does. */
  check(): void {
    while (this.nextStretch()) this.checkStretch();
    this.end();
  }

  /** Goes back to the content of the row that was checked, if the update has only that one, as typing makes it; else false. */
  reread(): boolean {
    if (this.#checked !== 1) return false;
    this.reader.seek(this.#content);
    return true;
  }

  /** Goes to the first row of the next stretch; false when there is none. The rows before must have been read. */
  nextStretch(): boolean {
    if (this.stretches === 0) return false;
    this.stretches--;
    const { rows, reader } = this;
    if (this.table.isOwn) rows.begin(0, reader.varint(), 1, UNCOUNTED);
    else this.#beginStretch();
    if (rows.next < 1 || rows.rowsLeft === 0 || reader.remaining === 0) throw malformed("empty stretch");
    return true;
  }

  /** Reads over the rows of the stretch, and notes what kinds they have and whom they name. */
  checkStretch(): void {
    const { rows, reader, table } = this;
    while (rows.read()) {
      this.#content = reader.position;
      rows.skipContent();
      this.#checked++;
      this.kinds |= 1 << rows.kind;
      if (!table.isOwn) rows.noteNamed(table.named);
    }
  }

  /** The update is over. @throws {CrdtError} `MALFORMED` for bytes left over, or replicas that nobody names. */
  end(): void {
    if (this.table.isOwn) return; // Its rows go on to the end, and name whose they are.
    this.reader.end();
    if (this.table.named.includes(0)) throw malformed("unused replica");
  }

  /** Remembers no table: what was known of their replicas is no more. */
  forget(): void {
    this.table = NO_TABLE;
    this.#tables.length = this.#place = 0;
  }

  /** Stretches come in ascending order, as few as possible. */
  #beginStretch(): void {
    const {
      reader,
      rows,
      table: { names },
    } = this;
    const { own: owner, next: end } = rows;
    rows.begin(reader.varint(), reader.varint(), names.length, reader.count());
    const isBehind = rows.own > owner || (rows.own === owner && rows.next > end);
    if (!isBehind || rows.own >= names.length) throw malformed("stretch order");
  }

  #changeTable(bytes: Uint8Array): void {
    this.table = this.#tables.find((table) => isFront(table, bytes)) ?? this.#readFront();
  }

  #readFront(): Table {
    const { reader } = this;
    const layout = reader.u8();
    const isOwn = layout === BY_OWN_ID;
    if (!isOwn && layout !== BY_ID) throw new CrdtError("UNSUPPORTED_VERSION", "update format");
    const names = isOwn ? [readName(reader, USUAL_LENGTH)] : readNames(reader, REFERENCE_BYTES_MIN);
    const front = new Uint8Array(reader.view(0, reader.position)); // `slice` of a Buffer would not be a copy.
    const table = { front, isOwn, names, logs: [], named: new Uint8Array(names.length) };
    if (front.length <= FRONT_BYTES_MAX) this.#tables[this.#place++ % TABLES_MAX] = table;
    return table;
  }
}

function isFront({ front }: Table, bytes: Uint8Array): boolean {
  for (let at = 0; at < front.length; at++) if (front[at] !== bytes[at]) return false;
  return front.length > 0;
}
