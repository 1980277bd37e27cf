import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { replicaId } from "@motet/crdt-core";
import {
  type DocumentKey,
  DocumentManager,
  type DocumentStore,
  type OpenDocument,
  userId,
  type WrittenAhead,
} from "@motet/document";
import { writeLog } from "./http/log-file.js";

/** What a check works with. */
export interface CheckOptions {
  readonly store: DocumentStore;
  readonly nowMs: number;
  /** Where logs are kept of documents before they are repaired; nothing is repaired without it. */
  readonly logsFolder?: string;
  /** Hears one sentence for each thing that is wrong, and what was done about it. */
  readonly say: (sentence: string) => void;
}

/** Documents looked at before the next are listed. */
const PAGE = 1_000;

const SERVER = userId("server");

/**
 * Looks through all documents of a store that no server uses meanwhile: for logs that cannot be read, and for titles and fields with times from
 * the future. A log that cannot be read is for a backup to replace. A document with such times is begun anew as it is, who wrote each piece of
 * its text and when included: clients that hold what it was are refused, and read it anew. Its earlier states and their names are in the log that is kept.
 * @returns how many documents have something wrong with them still.
 */
export async function checkStore(options: CheckOptions): Promise<number> {
  const newReplicaId = () => replicaId(randomBytes(12).toString("base64url"));
  const documents = new DocumentManager({ store: options.store, newReplicaId, published: () => {} });
  let wrong = 0;
  for await (const key of allDocuments(documents)) {
    if (!(await isWell(documents, key, options))) wrong++;
  }
  await documents.close();
  return wrong;
}

async function* allDocuments(documents: DocumentManager): AsyncGenerator<DocumentKey> {
  for (let after: DocumentKey | undefined; ; ) {
    const page = await documents.list({ ...(after && { after }), limit: PAGE });
    yield* page;
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

async function isWell(documents: DocumentManager, key: DocumentKey, options: CheckOptions): Promise<boolean> {
  const { nowMs, logsFolder, say } = options;
  try {
    const ahead = await documents.withDocument(key, ({ history }) => history.ahead(nowMs));
    for (const one of ahead) say(`${key}: ${sentence(one)}`);
    if (ahead.length === 0) return true;
    if (logsFolder === undefined) return false;
    say(`${key}: begun anew; its log is in ${await repair(documents, key, { nowMs, logsFolder })}`);
    return true;
  } catch (error) {
    say(`${key}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function sentence({ operation, wallMs, user = SERVER }: WrittenAhead): string {
  const what = operation.type === "set_field" ? "a field" : "the title";
  return `${user} wrote ${what} at ${new Date(wallMs).toISOString()}, which has not come yet.`;
}

/** The log first, then the end of what was, then what it said: a crash between leaves the log. */
async function repair(
  documents: DocumentManager,
  key: DocumentKey,
  { nowMs, logsFolder }: { readonly nowMs: number; readonly logsFolder: string },
): Promise<string> {
  const file = join(logsFolder, `${key.replace("/", ".")}.motet-log`);
  await mkdir(logsFolder, { recursive: true });
  await writeFile(file, Buffer.concat([...writeLog(await documents.exportLog(key))]), {
    flag: "wx",
    flush: true,
  });
  const restate = await documents.withDocument(key, (open) => restatement(open, nowMs));
  await documents.delete(key);
  await documents.withDocument(key, restate);
  return file;
}

/** Everything that a document says, to be said again in another: each piece of text by its author and at its time. */
function restatement({ document, history }: OpenDocument, nowMs: number): (open: OpenDocument) => void {
  const { text, title, counters, fields } = document.snapshot();
  const ranges = history.blame();
  return (open) => {
    for (const { from, to, user = SERVER, atMs = nowMs } of ranges) {
      open.apply({ type: "insert", position: from, text: text.slice(from, to) }, { user, nowMs: atMs });
    }
    const context = { user: SERVER, nowMs };
    open.apply({ type: "set_title", title }, context);
    for (const [counter, sum] of counters) {
      for (const amount of steps(sum)) open.apply({ type: "increment_counter", counter, amount }, context);
    }
    for (const [field, value] of fields) open.apply({ type: "set_field", field, value }, context);
  };
}

/** A sum in amounts that a counter takes. */
function* steps(sum: number): Generator<number> {
  const most = 2 ** 31 - 1;
  for (let left = sum; left !== 0; ) {
    const amount = Math.max(-most, Math.min(most, left));
    yield amount;
    left -= amount;
  }
}
