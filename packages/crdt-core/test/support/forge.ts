import { encodeOperations } from "../../src/codec/merge-updates.js";
import { type ItemId, replicaId, type UpdateOperation } from "../../src/index.js";

/** An id, short to write. */
export function id(replica: string, seq: number): ItemId {
  return { replica: replicaId(replica), seq };
}

/** An update that says whatever one wants it to say, honest or not. */
export function forge(...operations: UpdateOperation[]): Uint8Array {
  return encodeOperations(operations);
}

/** An insertion that says whatever one wants it to say. */
export function insertion(
  own: ItemId,
  content: string,
  left: ItemId | null = null,
  right: ItemId | null = null,
): UpdateOperation {
  return { kind: "insert", id: own, content, left, right };
}

/** A deletion that says whatever one wants it to say. */
export function deletion(own: ItemId, target: ItemId, length = 1, direction: 1 | -1 = 1): UpdateOperation {
  return { kind: "delete", id: own, target, length, direction };
}

/** An insertion whose `count` characters were left out. */
export function leftOut(own: ItemId, count: number, left: ItemId | null = null): UpdateOperation {
  return { kind: "insert", id: own, content: "", left, right: null, leftOut: count };
}
