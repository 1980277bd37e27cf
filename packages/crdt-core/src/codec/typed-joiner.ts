import type { ReplicaId } from "../ids.js";
import { BY_OWN_ID } from "./layout.js";
import { Reader } from "./reader.js";
import { readName, USUAL_LENGTH } from "./replica-names.js";
import * as row from "./row-codec.js";
import { RowJoiner } from "./row-joiner.js";

/** Bytes of the layout and the id. */
const FRONT = 10;

/** The names of an update that names nobody but its writer. */
const ITSELF = [0];

/**
 * Joins updates that one replica made one after the other, as it typed, into one: row by row and without an object for
 * any of them. 259,778 updates of automerge-paper, merged and applied: 780 -> 160 ms.
 */
export class TypedJoiner {
  readonly #reader = new Reader(new Uint8Array());
  readonly #rows = new row.RowReader(this.#reader, 0, 1, 1);
  readonly #results: Uint8Array[] = [];
  /** The update that is being put together: its front, the seq behind it, its rows. */
  #front: Uint8Array | undefined = undefined;
  #next = 0;
  #joiner = new RowJoiner();

  /**
   * All `updates` in as few as can be had by joining neighbours.
   * @throws {CrdtError} `MALFORMED`, `FORGED_ORIGIN` for what is wrong in an update that can be joined.
   */
  join(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const update of updates) this.#add(update);
    this.#flush();
    return this.#results;
  }

  #add(update: Uint8Array): void {
    const reader = this.#reader.reset(update);
    if (update[0] !== BY_OWN_ID || update.length <= FRONT) {
      this.#flush();
      this.#results.push(update);
      return;
    }
    reader.seek(FRONT);
    const seq = reader.varint();
    if (this.#front === undefined || seq !== this.#next || !hasFront(update, this.#front)) {
      this.#flush();
      this.#front = update.subarray(0, FRONT);
    }
    const rows = this.#rows.restart(seq);
    if (seq < 1 || reader.remaining === 0) this.#results.push(update); // To be refused by whoever decodes it.
    while (reader.remaining > 0) {
      rows.read();
      this.#joiner.add(rows, ITSELF, 0, rows.length);
      rows.copyContent(this.#joiner.content);
    }
    this.#next = rows.next;
  }

  #flush(): void {
    if (this.#front === undefined) return;
    const reader = new Reader(this.#front);
    reader.seek(1);
    const names: ReplicaId[] = [readName(reader, USUAL_LENGTH)];
    this.#results.push(this.#joiner.encode(names));
    this.#joiner = new RowJoiner();
    this.#front = undefined;
  }
}

function hasFront(update: Uint8Array, front: Uint8Array): boolean {
  for (let i = 1; i < FRONT; i++) if (update[i] !== front[i]) return false;
  return true;
}
