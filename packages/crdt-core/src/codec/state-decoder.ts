import { CrdtError, malformed } from "../errors.js";
import type { OperationRange, ReplicaId } from "../ids.js";
import {
  deletionsMax,
  ELEMENTS_MAX,
  LOGGED_SEQ_MAX,
  missingMax,
  type OperationLog,
} from "../log/operation-log.js";
import { NONE } from "../log/replica-log.js";
import { DocumentOrder, type OrderExceptions } from "../text/document-order.js";
import { Sequence } from "../text/sequence.js";
import type { SpanBuilder } from "../text/span-builder.js";
import { Reader } from "./reader.js";
import { readNames } from "./replica-names.js";
import { CharacterSource, DeadSource, putCharacters } from "./state-characters.js";
import * as state from "./state-format.js";
import { StateRows } from "./state-row-reader.js";
import { decodeUtf8 } from "./utf8.js";

/** What stands at the front of a state: enough to show the text and to say which version it is. */
export class StateHeader {
  /** Reads on behind the header: for one reading. */
  readonly reader: Reader;
  /** How many bytes the state has. */
  readonly bytes: number;
  /** UTF-16 units of the visible text. */
  readonly units: number;
  /** The visible text as it was written. */
  readonly visible: Uint8Array;
  readonly elements: number;
  readonly names: readonly ReplicaId[];
  /** For each replica: its last seq, its rows of inserts, its rows of deletes. */
  readonly tallies: readonly (readonly number[])[];

  /** @throws {CrdtError} `MALFORMED` */
  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    this.bytes = bytes.length;
    reader.u8();
    this.units = reader.varint();
    this.visible = reader.nested().rest();
    this.elements = reader.varint();
    this.names = readNames(reader);
    this.tallies = this.names.map(() => [reader.varint(), reader.varint(), reader.varint()]);
    this.reader = reader;
    const rows = this.tallies.reduce((sum, [, inserts, deletes]) => sum + inserts + deletes, 0);
    if (rows > reader.remaining) throw malformed("row count");
    if (this.tallies.some(([last]) => last > LOGGED_SEQ_MAX)) throw new CrdtError("LIMIT", "seq too high");
  }

  /** How many operations the state holds, each seq counted. */
  get operations(): number {
    return this.tallies.reduce((sum, [last]) => sum + last, 0);
  }

  /** The operations that the state holds. */
  ranges(): OperationRange[] {
    return this.names.map((replica, index) => ({ replica, from: 1, to: this.tallies[index][0] }));
  }

  /** The visible text. @throws {CrdtError} `MALFORMED` */
  text(): string {
    const text = decodeUtf8(this.visible);
    if (text.length !== this.units) throw malformed("text length");
    return text;
  }

  /** Whether it brings no more elements than a stranger's state of so many bytes may. */
  get isProportionate(): boolean {
    return this.elements <= missingMax(this.bytes);
  }
}

/**
 * Builds a document from a state, at once: no operation is integrated. What it says is checked to be some document,
 * and without exceptions every such document is what some honest history gives. With exceptions that is believed, so
 * what is not one's own is to be integrated operation by operation (see Update).
 * Cost: O(elements + rows). automerge-paper: see RESULTS.md of the benchmark, "load and one edit".
 * @throws {CrdtError} `MALFORMED`; `LIMIT` for more than 2^26 elements, or seqs from 2^31 on.
 */
export function decodeState(header: StateHeader, isTrusted: boolean): Sequence {
  const { bytes, visible, reader } = header;
  if (header.elements > ELEMENTS_MAX || !(isTrusted || header.isProportionate))
    throw new CrdtError("LIMIT", "too many elements");
  if (!isTrusted && header.operations > header.elements + deletionsMax(header.elements) + bytes) {
    throw new CrdtError("LIMIT", "too many deletions");
  }
  const sequence = new Sequence();
  const { log } = sequence;
  const rows = new StateRows(header, log, reader);
  rows.read();
  const spans = orderSpans(log, rows, readExceptions(reader, log));
  putCharacters(sequence, spans, new CharacterSource(visible), new DeadSource(reader, spans.deadCount));
  reader.end();
  sequence.fill(spans);
  if (sequence.length !== header.units) throw malformed("text length");
  return sequence;
}

/** Puts the elements in order, and sets their right origins. */
function orderSpans(log: OperationLog, rows: StateRows, exceptions: OrderExceptions): SpanBuilder {
  try {
    const order = new DocumentOrder(log, rows.runs, rows.runCount, rows.marks, exceptions);
    const spans = order.walk();
    order.setRights();
    return spans;
  } catch (error) {
    /* v8 ignore next -- Anything else would be a fault of ours. @preserve */
    if (error instanceof RangeError) throw malformed("no such element");
    throw error;
  }
}

/** The exceptions, in ascending order of the runs they are about, each of which exists. */
function readExceptions(reader: Reader, log: OperationLog): OrderExceptions {
  const [siblings, rights] = [new Map<number, number>(), new Map<number, number>()];
  const count = reader.count(3);
  log.hasConflict = count > 0; // Even when only right origins differ, or the next save would leave them out.
  for (let left = count, run = 0; left > 0; left--) {
    const distance = reader.varint();
    run += distance;
    const what = reader.u8();
    if (what < 1 || what > 3 || (distance === 0 && left < count)) throw malformed("empty exception");
    if (run >= log.elements || log.startOfRun(run) !== run) throw malformed("no such element");
    if ((what & state.HAS_SIBLING) !== 0) siblings.set(run, run - reader.varint());
    if ((what & state.HAS_RIGHT) !== 0) rights.set(run, earlier(run, reader.varint()));
  }
  return { siblings, rights };
}

/** The element `distance` before `run`; NONE for 0. */
function earlier(run: number, distance: number): number {
  if (distance > run) throw malformed("no such element");
  return distance === 0 ? NONE : run - distance;
}
