import { missingMax } from "../log/operation-log.js";
import type { Sequence } from "../text/sequence.js";
import { CanonicalOrder } from "./canonical-order.js";
import { STATE } from "./layout.js";
import { writeNames } from "./replica-names.js";
import { writeDead, writeVisible } from "./state-characters.js";
import { writeExceptions } from "./state-exceptions.js";
import { RowColumns } from "./state-rows.js";
import { Writer } from "./writer.js";

/**
 * Writes a whole document, its visible text first. The same operations give the same bytes on every replica.
 * @param withoutDeleted Leave out the characters of deleted text: for a client that joins. They stay in where there are
 * so many, in so few runs, that nobody would believe the rest: one large text pasted and deleted again.
 * Cost: O(elements + runs). automerge-paper (13,654 rows): see RESULTS.md of the benchmark, "save".
 */
export function writeState(sequence: Sequence, withoutDeleted: boolean): Uint8Array {
  const bytes = stateBytes(sequence, withoutDeleted);
  return withoutDeleted && sequence.log.elements > missingMax(bytes.length)
    ? stateBytes(sequence, false)
    : bytes;
}

function stateBytes(sequence: Sequence, withoutDeleted: boolean): Uint8Array {
  const order = new CanonicalOrder(sequence);
  const rows = new RowColumns(sequence, order);
  const out = new Writer(sequence.characters.length + rows.bytes + 256).u8(STATE);
  writeVisible(out, sequence);
  out.varint(sequence.log.elements);
  writeNames(
    out,
    order.logs.map((log) => log.replica),
  );
  order.logs.forEach((log, place) => {
    out
      .varint(log.next - 1)
      .varint(rows.inserts[place])
      .varint(rows.deletes[place]);
  });
  out.varint(rows.segments.length);
  for (const { place, rows: count } of rows.segments) out.varint(place).varint(count);
  out.nested(rows.heads).nested(rows.references);
  writeExceptions(out, sequence, order);
  writeDead(out, sequence, withoutDeleted);
  return out.finish();
}
