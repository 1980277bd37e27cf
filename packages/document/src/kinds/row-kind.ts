import type { ItemId, Timestamp } from "@motet/crdt-core";

/** What a user must be allowed to do for an operation to be accepted from them. */
export type Right = "write";

/** What every kind of operation has, those of the text too. */
export interface OperationKind<Type extends string = string> {
  /** Its name: the `type` of the plain operation, and of the JSON message that asks for it. */
  readonly type: Type;
  readonly right: Right;
}

/** A kind of operation that crdt-core carries as an opaque row: what its bytes are, and what they do to its part of the document. */
export interface RowKind<Plain extends { readonly type: string }, State>
  extends OperationKind<Plain["type"]> {
  /** Its number in the row, for ever: numbers are never given to another kind. 1 to 65,535. */
  readonly number: number;
  /** This kind's part of an empty document. */
  readonly empty: () => State;
  /**
   * The bytes of an operation made here.
   * @param stamp Draws the operation's time; only kinds that are decided by time ask for it.
   * @throws {DocumentError} `MALFORMED` for what no row of this kind can say.
   */
  readonly write: (operation: Plain, stamp: () => Timestamp) => Uint8Array;
  /**
   * What bytes from anywhere say, in the only spelling there is.
   * @throws {CrdtError} or {@link DocumentError} `MALFORMED` for anything that `write` does not write.
   */
  readonly read: (bytes: Uint8Array) => RowContent<Plain, State>;
}

/** What one row says. */
export interface RowContent<Plain, State> {
  readonly operation: Plain;
  /** When it was made, for kinds that are decided by time. */
  readonly stamp?: Timestamp;
  /** Puts it into `state`. Rows may come in any order, each once; true when the state now reads differently. */
  readonly applyTo: (state: State, id: ItemId) => boolean;
}
