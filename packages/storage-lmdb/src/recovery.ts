import { readFile } from "node:fs/promises";
import { DocumentError } from "@motet/document";
import type { Write } from "./environment.js";
import { EPOCH_BYTES, type JournalMark } from "./format.js";
import { decodeRecord, type JournalRecord } from "./journal-record.js";

/** What was acknowledged and is not in the database, in order, and the last record of it. */
export interface Recovered {
  readonly writes: readonly Write[];
  readonly mark: JournalMark;
}

/**
 * What the journal in the file `path` holds behind `mark`.
 *
 * Space is used again, so the file is searched for records of the epoch, wherever they begin: those up to the mark are in the database, the
 * others must follow it without a gap. One record at a time is written, and the next only when it is on disk: so the
 * last one may be torn, was never acknowledged then, and is not found; a gap in front of a sound one is damage. No document
 * can hold bytes that look like a record, for nobody outside knows the epoch.
 *
 * @throws {DocumentError} `DAMAGED` when the file is missing, another database's, or has a gap.
 */
export async function recover(path: string, mark: JournalMark): Promise<Recovered> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw damaged(path, "is missing, and held what was acknowledged last", cause);
  });
  mustBelongTogether(bytes, mark.epoch, path);
  const behind = [...recordsOf(bytes, mark.epoch)]
    .filter(({ number }) => number > mark.number)
    .sort((left, right) => left.number - right.number);
  behind.forEach(({ number }, at) => {
    if (number !== mark.number + 1 + at) throw damaged(path, `lacks record ${mark.number + 1 + at}`);
  });
  const number = mark.number + behind.length;
  return { writes: behind.flatMap(({ writes }) => writes), mark: { ...mark, number } };
}

/** Every sound record of an epoch, as they stand in the file. */
function* recordsOf(bytes: Buffer, epoch: Uint8Array): Iterable<JournalRecord> {
  for (let at = bytes.indexOf(epoch); at >= 0; ) {
    const record = decodeRecord(bytes.subarray(at));
    if (record !== undefined) yield record;
    at = bytes.indexOf(epoch, at + (record?.end ?? 1));
  }
}

/** A journal begins with its epoch, or nothing was ever written to it. */
function mustBelongTogether(bytes: Buffer, epoch: Uint8Array, path: string): void {
  const head = bytes.subarray(0, EPOCH_BYTES);
  if (head.equals(epoch.subarray(0, head.length)) || head.every((byte) => byte === 0)) return;
  throw damaged(path, "is not the one of this database, or damaged");
}

function damaged(path: string, what: string, cause?: unknown): DocumentError {
  const advice = "restore it together with the database, or put an empty file in its place to go on without";
  return new DocumentError("DAMAGED", `${path} ${what}: ${advice}`, { cause });
}
