import { missingMax } from "../log/operation-log.js";
import { CanonicalOrder } from "./canonical-order.js";
import { STATE } from "./layout.js";
import type { Picture } from "./picture.js";
import { writeNames } from "./replica-names.js";
import { writeDead, writeVisible } from "./state-characters.js";
import { writeExceptions } from "./state-exceptions.js";
import { RowColumns } from "./state-rows.js";
import { Writer } from "./writer.js";

/**
 * Writes a whole document, its visible text first, and yields after every millisecond or so of work. The same operations
 * give the same bytes on every replica.
 * @param withoutDeleted Leave out the characters of deleted text: for a client that joins. They stay in where there are
 * so many, in so few runs, that nobody would believe the rest: one large text pasted and deleted again.
 * Cost: O(elements + runs). automerge-paper (13,654 rows): see RESULTS.md of the benchmark, "save".
 */
export function* writeState(picture: Picture, withoutDeleted: boolean): Generator<void, Uint8Array> {
  const bytes = yield* stateBytes(picture, withoutDeleted);
  const isTooLittle = withoutDeleted && picture.elements > missingMax(bytes.length);
  return isTooLittle ? yield* stateBytes(picture, false) : bytes;
}

function* stateBytes(picture: Picture, withoutDeleted: boolean): Generator<void, Uint8Array> {
  const order = new CanonicalOrder(picture);
  const rows = new RowColumns(picture, order);
  yield* rows.write();
  const out = new Writer(picture.elements + rows.bytes + 256).u8(STATE);
  const visible = yield* writeVisible(out, picture);
  out.varint(picture.elements);
  writeNames(
    out,
    picture.logs.map((log) => log.replica),
  );
  picture.lasts.forEach((last, place) => {
    out.varint(last).varint(rows.inserts[place]).varint(rows.deletes[place]);
  });
  out.varint(rows.segments.length);
  for (const { place, rows: count } of rows.segments) out.varint(place).varint(count);
  out.nested(rows.heads).nested(rows.references);
  writeExceptions(out, picture, order);
  yield* writeDead(out, picture, picture.elements - visible, withoutDeleted);
  return out.last();
}
