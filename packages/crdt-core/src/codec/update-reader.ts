import { CrdtError, malformed } from "../errors.js";
import type { ReplicaId } from "../ids.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { Reader } from "./reader.js";
import { readName, readNames, USUAL_LENGTH } from "./replica-names.js";
import { CONTINUED, NO_REPLICA, OPAQUE, RowReader } from "./row-codec.js";

// update  := 0x11 id:9 bytes, first seq:varint, row+            One replica of 11 characters, own references only.
//          | 0x10 names stretch:count stretch*
// stretch := owner:index first:varint row:count row+            In ascending order, as few as possible.

const NOTHING = new Uint8Array();

/**
 * Reads updates by id, stretch by stretch and row by row, into its own fields. One reader for many updates: no object is
 * made for one of them, and the names are read once as long as the next update has the same.
 */
export class UpdateReader {
  readonly reader = new Reader(NOTHING);
  bytes: Uint8Array = NOTHING;
  /** The row that was read last. */
  readonly rows = new RowReader(this.reader);
  /** The replicas that the update names: the same array for as long as they are the same. */
  names: readonly ReplicaId[] = [];
  /** The bytes up to the names, as they were read last. */
  #front: Uint8Array = NOTHING;
  /** Whether it is in the layout of one replica, which does not count rows. */
  isOwn = false;
  /** Stretches not yet begun. */
  stretches = 0;
  /** Rows of the stretch not yet read; without end where nothing counts them. */
  left = 0;
  /** Where the stretch begins. */
  start = 0;
  /** A bit for each kind of row that `check` has met. */
  kinds = 0;
  /** For each of `names`, whether a row that `check` has met names it. */
  #named: boolean[] = [];

  /** Reads the front of `bytes`. @throws {CrdtError} `UNSUPPORTED_VERSION`, `MALFORMED` */
  open(bytes: Uint8Array): this {
    const { reader } = this;
    reader.reset(bytes);
    this.bytes = bytes;
    if (!this.#hasFront(bytes)) this.#readFront(bytes);
    reader.seek(this.#front.length);
    this.isOwn = bytes[0] === BY_OWN_ID;
    this.stretches = this.isOwn ? 1 : reader.count(5);
    this.kinds = 0;
    if (!this.isOwn) this.#named.fill(false);
    this.rows.begin(NO_REPLICA, 0, this.names.length);
    return this;
  }

  /** Goes to the first row of the next stretch; false when there is none. The rows before must have been read. */
  nextStretch(): boolean {
    if (this.stretches === 0) return false;
    const { reader, rows, isOwn } = this;
    const [owner, end] = [rows.own, rows.next];
    this.stretches--;
    this.start = reader.position;
    rows.begin(isOwn ? 0 : reader.varint(), reader.varint(), this.names.length);
    this.left = isOwn ? Number.POSITIVE_INFINITY : reader.count();
    if (rows.next < 1 || this.left === 0 || reader.remaining === 0) throw malformed("empty stretch");
    const isBehind = rows.own > owner || (rows.own === owner && rows.next > end);
    if (!isBehind || rows.own >= this.names.length) throw malformed("stretch order");
    return true;
  }

  /** Reads the next row of the stretch up to its content, which has to be read before the next; false when there is none. */
  nextRow(): boolean {
    if (this.left === 0 || (this.isOwn && this.reader.remaining === 0)) return false;
    this.left--;
    this.rows.read();
    return true;
  }

  /** Reads over the rows of the stretch, and notes what kinds they have and whom they name. Returns how many there are. */
  checkStretch(): number {
    const { rows } = this;
    if (!this.isOwn) this.#named[rows.own] = true;
    let count = 0;
    for (; this.nextRow(); count++) {
      rows.skipContent();
      this.kinds |= 1 << rows.kind;
      if (!this.isOwn) this.#noteNames();
    }
    return count;
  }

  /** The update is over. @throws {CrdtError} `MALFORMED` for bytes left over, or replicas that nobody names. */
  end(): void {
    this.reader.end();
    if (!this.isOwn && this.#named.includes(false)) throw malformed("unused replica");
  }

  #readFront(bytes: Uint8Array): void {
    const { reader } = this;
    const layout = reader.u8();
    if (layout === BY_OWN_ID) this.names = [readName(reader, USUAL_LENGTH)];
    else if (layout === BY_ID) this.names = readNames(reader);
    else throw new CrdtError("UNSUPPORTED_VERSION", "update format");
    this.#front = bytes.slice(0, reader.position);
    this.#named = this.names.map(() => false);
  }

  #hasFront(bytes: Uint8Array): boolean {
    const front = this.#front;
    if (front.length === 0) return false;
    for (let at = 0; at < front.length; at++) if (front[at] !== bytes[at]) return false;
    return true;
  }

  #noteNames(): void {
    const { isInsert, kind, left, right, target } = this.rows;
    if (isInsert) {
      if (left !== NO_REPLICA) this.#named[left] = true;
      if (kind !== CONTINUED && right !== NO_REPLICA) this.#named[right] = true;
    } else if (kind !== OPAQUE) this.#named[target] = true;
  }
}
