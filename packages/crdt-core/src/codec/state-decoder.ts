import { Bits } from "../bits.js";
import type { Ints } from "../columns.js";
import { type CrdtError, malformed } from "../errors.js";
import type { OperationLog } from "../log/operation-log.js";
import { NONE } from "../log/replica-log.js";
import { DocumentOrder, EXCEPTION, IMPLIED, RUN, type Unordered } from "../text/document-order.js";
import { Sequence } from "../text/sequence.js";
import type { SpanBuilder } from "../text/span-builder.js";
import { Reader } from "./reader.js";
import { LEFT_OUT, OPAQUE } from "./row-codec.js";
import { passOverDead, putCharacters } from "./state-characters.js";
import * as state from "./state-format.js";
import { DELETES, INSERTS, type StateHeader, TALLY } from "./state-header.js";
import { type RowSink, StateRows } from "./state-row-reader.js";

/**
 * Checks a state that anybody may have written, all of it, and builds nothing: what it needs beside the bytes is less than 8 times
 * as much and 64 KiB, and is gone when it returns. What it lets through `decodeState` can build.
 * @returns its `kindsOf`.
 * @throws {CrdtError} `MALFORMED`; `LIMIT` for more elements or deletions than so few bytes may bring, or seqs from 2^31 on.
 */
export function checkState(header: StateHeader): number {
  header.text();
  const { reader, visible, elements } = header;
  const rows = new StateRows(header, {}, false).read();
  readExceptions(reader, rows);
  const { count } = rows.dead;
  const known = passOverDead(reader, count);
  checkPoints(new Reader(visible), elements - count);
  checkPoints(reader.nested(), known);
  reader.end();
  return kindsOf(known < count, rows.hasOpaque);
}

/** The bits of rows by id whose characters were left out, and of opaque rows, if there are such. */
export function kindsOf(leavesOut: boolean, hasOpaqueRows: boolean): number {
  return (Number(leavesOut) << LEFT_OUT) | (Number(hasOpaqueRows) << OPAQUE);
}

function checkPoints(reader: Reader, count: number): void {
  reader.skipPoints(count);
  reader.end();
}

/**
 * Builds a document from a state, at once: no operation is integrated. What it says is checked to be some document,
 * and without exceptions every such document is what some honest history gives. With exceptions that is believed, so
 * what is not one's own is to be integrated operation by operation (see Update).
 * Cost: O(elements + rows). automerge-paper: see RESULTS.md of the benchmark, "load and one edit".
 * @throws {CrdtError} `MALFORMED`; `LIMIT` for more than 2^26 elements, or seqs from 2^31 on.
 */
export function decodeState(header: StateHeader, isTrusted: boolean): Sequence {
  const sequence = new Sequence();
  const spans = readSpans(header, sequence.log, isTrusted);
  putCharacters(sequence, spans, header);
  sequence.fill(spans);
  if (sequence.length !== header.units) throw malformed("text length");
  return sequence;
}

/** Reads rows and exceptions. A function of its own: what it needs is gone before there is room for characters and leaves. */
function readSpans(header: StateHeader, log: OperationLog, isTrusted: boolean): SpanBuilder {
  const unordered = logRows(header, log, isTrusted);
  const exceptions = readExceptions(header.reader, unordered);
  log.hasConflict = exceptions.length > 0; // Even when only right origins differ, or the next save would leave them out.
  return new DocumentOrder(log, unordered, exceptions).walk();
}

/** Reads the rows of a state into empty logs. @throws {CrdtError} `MALFORMED`, `LIMIT` */
function logRows(header: StateHeader, log: OperationLog, isTrusted: boolean): StateRows & Unordered {
  const { names, tallies, elements } = header;
  const logged: RowSink = {
    inserted(replica, length, left) {
      const writer = log.replicas[replica];
      const at = rows.runCount * RUN;
      homes[at] = replica;
      homes[at + 1] = writer.insertCount;
      if (left !== NONE) parts.set(left);
      log.loadInsert(writer, length, left);
    },
    deleted: (replica, target, length) => log.replicas[replica].loadDelete(target, length),
    opaque: (replica, _, kind, bytes) => log.replicas[replica].row(kind, bytes),
  };
  const rows = new StateRows(header, logged, isTrusted);
  const homes = new Int32Array(rows.runs.length);
  const parts = new Bits(elements);
  names.forEach((name, index) => {
    log.of(name).reserve(tallies[index * TALLY + INSERTS], tallies[index * TALLY + DELETES]);
  });
  return Object.assign(rows.read(), { homes, parts });
}

/** The exceptions, see EXCEPTION, in ascending order of the runs they are about, each of which exists. */
function readExceptions(reader: Reader, rows: StateRows): Ints {
  const exceptions = new Int32Array(reader.count(3) * EXCEPTION);
  for (let at = 0, run = 0; at < exceptions.length; at += EXCEPTION) {
    const distance = reader.varint();
    run += distance;
    const what = reader.u8();
    if (what < 1 || what > 3 || (distance === 0 && at > 0)) throw malformed("empty exception");
    if (run >= rows.elements || !rows.begins.has(run)) throw noElement();
    exceptions[at] = run;
    exceptions[at + 1] = what & state.HAS_SIBLING ? sibling(rows, run, reader.varint()) : IMPLIED;
    exceptions[at + 2] = what & state.HAS_RIGHT ? earlier(run, reader.varint()) : IMPLIED;
  }
  return exceptions;
}

/** The sibling `distance` before `run`: a run behind the same left origin, or the rest of the run that holds this. */
function sibling(rows: StateRows, run: number, distance: number): number {
  const before = earlier(run, distance);
  const left = rows.leftOf(run);
  // Where the text starts a run begins, so nothing else stands behind no element.
  if (rows.begins.has(before) ? rows.leftOf(before) !== left : before !== left + 1) throw noElement();
  return before;
}

/** The element `distance` before `run`; NONE for 0. */
function earlier(run: number, distance: number): number {
  if (distance > run) throw noElement();
  return distance === 0 ? NONE : run - distance;
}

function noElement(): CrdtError {
  return malformed("no such element");
}
