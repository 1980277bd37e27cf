import { DocumentError } from "@motet/document";
import { check } from "./record.js";

// format := 1:u8 "format" -> complete | journaled     Sorts before every document: those begin with a letter, a digit, _ or -.
// complete := 1:u8                                    All entries are in the database, whatever the journal holds.
// journaled := 2:u8 check:u32 epoch:8 number:u48      What the journal holds of this epoch behind this number comes on top.
//                                                     A package that knows no journal refuses this version.

/** The key under which the folder's format stands. Every folder has it: a reading that does not find it has failed. */
export const FORMAT_KEY: Uint8Array = Buffer.from("\u0001format", "latin1");

/** Up to where the database holds what was journaled. */
export interface JournalMark {
  /** {@link EPOCH_BYTES} random bytes: the journal's records begin with them, those of an earlier journal with others. */
  readonly epoch: Uint8Array;
  /** The last record that is in the database; 0 for none. An integer in [0, 2^48). */
  readonly number: number;
}

export const EPOCH_BYTES = 8;
/** Bytes of a record's number. */
export const NUMBER_BYTES = 6;

const COMPLETE = 1;
const JOURNALED = 2;
const MARK_AT = 5;

/** What stands under {@link FORMAT_KEY} while the journal holds entries behind `mark`, or without it none. */
export function formatOf(mark?: JournalMark): Uint8Array {
  if (mark === undefined) return Uint8Array.of(COMPLETE);
  const value = Buffer.alloc(MARK_AT + EPOCH_BYTES + NUMBER_BYTES);
  value[0] = JOURNALED;
  value.set(mark.epoch, MARK_AT);
  value.writeUIntBE(mark.number, MARK_AT + EPOCH_BYTES, NUMBER_BYTES);
  value.writeUInt32BE(check(FORMAT_KEY, value.subarray(MARK_AT)), 1);
  return value;
}

/**
 * What {@link formatOf} has written; `undefined` where the journal holds nothing, or the folder is new.
 * @throws {DocumentError} `DAMAGED` when it fails its check, or a later version has written it.
 */
export function parseFormat(format: Uint8Array | undefined, folder: string): JournalMark | undefined {
  if (format === undefined || (format.length === 1 && format[0] === COMPLETE)) return undefined;
  const value = Buffer.from(format);
  if (value[0] !== JOURNALED || value.length !== MARK_AT + EPOCH_BYTES + NUMBER_BYTES) {
    throw new DocumentError("DAMAGED", `${folder} holds format ${format.join(".")}, not ${JOURNALED}`);
  }
  const mark = value.subarray(MARK_AT);
  if (value.readUInt32BE(1) !== check(FORMAT_KEY, mark)) {
    throw new DocumentError("DAMAGED", `${folder}: what the database says of its journal fails its check`);
  }
  return { epoch: mark.subarray(0, EPOCH_BYTES), number: mark.readUIntBE(EPOCH_BYTES, NUMBER_BYTES) };
}
