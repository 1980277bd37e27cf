import { type ItemId, opaqueRowsOf, operationsOf, type Update } from "@motet/crdt-core";
import type { Document } from "@motet/document";
import type { ReplicaLimits } from "@motet/transport";
import { ServerError } from "./errors.js";

/** What an update may ask for. */
export interface UpdateBounds extends Pick<ReplicaLimits, "vectorBytesMax" | "updateBytesMax"> {
  /** Operations in one update, each character of a run counted. */
  readonly updateOperationsMax: number;
  /** UTF-16 units of the document's visible text. */
  readonly textUnitsMax: number;
  /** Bytes of the titles, counts and fields that were ever set in a document. */
  readonly rowBytesMax: number;
}

/**
 * Checks an update against what the document may hold. Deletions are not set off against what is inserted. Cost: O(ranges),
 * but near the limit of the text O(update).
 * @throws {ServerError} `TOO_LARGE`, naming the first operation that is too much.
 */
export function mustFit(update: Update, document: Document, bounds: UpdateBounds): void {
  let operations = 0;
  for (const { replica, from, to } of update.ranges) {
    operations += to - from + 1;
    if (operations > bounds.updateOperationsMax)
      throw tooLarge("an update holds no more", { replica, seq: from });
  }
  mustFitRows(update, document, bounds);
  // A character takes at least as many bytes in an update as it has units.
  if (document.length + update.bytes.length <= bounds.textUnitsMax) return;
  const version = document.version;
  let units = document.length;
  for (const operation of operationsOf(update)) {
    if (operation.kind !== "insert" || operation.id.seq <= version.get(operation.id.replica)) continue;
    units += operation.content.length;
    if (units > bounds.textUnitsMax) throw tooLarge("the document holds no more text", operation.id);
  }
}

function mustFitRows(update: Update, document: Document, { rowBytesMax }: UpdateBounds): void {
  if (!update.hasOpaqueRows || document.rowBytes + update.bytes.length <= rowBytesMax) return;
  const version = document.version;
  let rowBytes = document.rowBytes;
  for (const { id, bytes } of opaqueRowsOf(update)) {
    if (!version.includes(id)) rowBytes += bytes.length;
    if (rowBytes > rowBytesMax) throw tooLarge("the document holds no more titles, counts and fields", id);
  }
}

function tooLarge(sentence: string, { replica, seq }: ItemId): ServerError {
  return new ServerError("TOO_LARGE", sentence, { operation: { replica, seq } });
}
