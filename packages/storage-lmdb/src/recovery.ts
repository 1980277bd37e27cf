import { readFile } from "node:fs/promises";
import { DocumentError } from "@motet/document";
import type { Write } from "./environment.js";
import { EPOCH_BYTES, type JournalMark } from "./format.js";
import { decodeRecord, type JournalRecord } from "./journal-record.js";

/** What may have been acknowledged and is not in the database, in order, and the last number that is not to be given again. */
export interface Recovered {
  readonly writes: readonly Write[];
  readonly mark: JournalMark;
}

/**
 * What the journal in the file `path` holds behind `mark`.
 *
 * Space is used again, so the file is searched for records of the epoch, wherever they begin: those up to the mark are in the database, the
 * others must follow it. No document can hold bytes that look like a record, for nobody outside knows the epoch.
 *
 * Several records may have been on their way to the disk at the end, so any of them may be missing or torn. A commit is acknowledged when its
 * record and all before it are on disk: what stands behind the first one that is missing never was, and is dropped. But a record says up to
 * which one all were on disk when it was begun: a gap in front of that is damage. The numbers of what is dropped are used up, so that
 * none of it can follow a later record and be taken for good.
 *
 * @throws {DocumentError} `DAMAGED` when the file is missing, another database's, or lacks what was acknowledged.
 */
export async function recover(path: string, mark: JournalMark): Promise<Recovered> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw damaged(path, "is missing, and held what was acknowledged last", cause);
  });
  mustBelongTogether(bytes, mark.epoch, path);
  const found = [...recordsOf(bytes, mark.epoch)]
    .filter(({ number }) => number > mark.number)
    .sort((left, right) => left.number - right.number);
  const sound = found.filter(({ number }, at) => number === mark.number + 1 + at);
  const missing = mark.number + sound.length + 1;
  if (found.some(({ number, beside }) => number - beside > missing)) {
    throw damaged(path, `lacks record ${missing}`);
  }
  const number = found.at(-1)?.number ?? mark.number;
  return { writes: sound.flatMap(({ writes }) => writes), mark: { ...mark, number } };
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
