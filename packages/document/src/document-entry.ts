import { Reader, type ReplicaId, replicaId, VersionVector, Writer } from "@motet/crdt-core";
import type { AcceptedMessage } from "./accepted-messages.js";
import type { AcceptedRequest } from "./accepted-requests.js";
import { ACCESS, type AccessRule } from "./access-list.js";
import type { Arrival } from "./arrival-log.js";
import { DocumentError } from "./errors.js";
import { userId } from "./ids.js";
import type { Binding } from "./replica-bindings.js";
import type { NamedVersion } from "./version-names.js";

/**
 * What one entry of a document's log says: who wrote, when it arrived, which messages it answers, and the updates themselves.
 * A snapshot says the same of more: it is the entries it covers, put together.
 */
export interface DocumentEntry {
  readonly bindings: readonly Binding[];
  readonly arrivals: readonly Arrival[];
  readonly messages: readonly AcceptedMessage[];
  readonly names: readonly NamedVersion[];
  readonly requests: readonly AcceptedRequest[];
  readonly access: readonly AccessRule[];
  /** Replicas of a document of this name that was deleted: nothing of theirs is taken any more. */
  readonly retired: readonly ReplicaId[];
  /** Updates of crdt-core, each as it was relayed. */
  readonly updates: readonly Uint8Array[];
}

/** What a part of a document's log says that says nothing. */
export const EMPTY_ENTRY: DocumentEntry = {
  ...{ bindings: [], arrivals: [], messages: [], names: [] },
  ...{ requests: [], access: [], retired: [], updates: [] },
};

const FORMAT = 1;

// entry    := format=1:u8 texts bindings arrivals messages names requests access retired updates
// texts    := count:varint string*                       Replicas, users, clients and nodes, named by their index below.
// bindings := count:varint (replica:text user:text node:text+1)*              0 for no node
// arrivals := count:varint (replica:text skipped:varint length-1:varint later:zigzag)*
//             skipped: operations left out since this replica's last arrival; later: milliseconds since the arrival before.
// messages := count:varint (user:text client:text id:varint)*
// names    := count:varint (name:string user:text atMs:varint length:varint vector)*
// requests := count:varint (user:text key:string digest:string version:varint)*
// access   := count:varint (user:text access+1:varint by:text atMs:varint)*   0 for none of its own
// retired  := count:varint replica:string*
// updates  := count:varint (length:varint bytes)*        Last, so that an update is a slice of its entry.
/** The bytes of an entry. Cost: O(size). */
export function encodeEntry(entry: DocumentEntry): Uint8Array {
  const writing = entryWriting(entry);
  for (;;) {
    const step = writing.next();
    if (step.done) return step.value;
  }
}

/** Records written between two pauses of {@link entryWriting}: well under a millisecond's work. */
const SLICE = 1_000;

/** Bytes of an update from which on it is copied into its entry and nowhere before: of a large document each copy counts. */
const LARGE = 65_536;

/** Writes an entry and pauses now and then, so that a large one never holds up the event loop. */
export function* entryWriting(entry: DocumentEntry): Generator<void, Uint8Array> {
  const texts = new TextTable();
  const body = new Writer();
  yield* each(body, entry.bindings, (binding) => writeBinding(body, texts, binding));
  yield* each(body, entry.arrivals, arrivalWriter(body, texts));
  yield* each(body, entry.messages, ({ user, client, id }) => {
    body.varint(texts.indexOf(user)).varint(texts.indexOf(client)).varint(id);
  });
  yield* each(body, entry.names, ({ name, user, atMs, version }) => {
    const vector = version.encode();
    body.string(name).varint(texts.indexOf(user)).varint(atMs).varint(vector.length).bytes(vector);
  });
  yield* each(body, entry.requests, ({ user, key, digest, version }) => {
    body.varint(texts.indexOf(user)).string(key).string(digest).varint(version);
  });
  yield* each(body, entry.access, ({ user, access, by, atMs }) => {
    body.varint(texts.indexOf(user)).varint(access === undefined ? 0 : ACCESS.indexOf(access) + 1);
    body.varint(texts.indexOf(by)).varint(atMs);
  });
  yield* each(body, entry.retired, (replica) => body.string(replica));
  const parts: Uint8Array[] = [];
  yield* each(body, entry.updates, (update) => {
    body.varint(update.length);
    if (update.length < LARGE) body.bytes(update);
    else parts.push(body.take(), update);
  });
  return joined([texts.write(new Writer().u8(FORMAT)).take(), ...parts, body.take()]);
}

/** An entry that says everything, whose text is encoded as it is written. */
export interface EntryInSteps {
  readonly bookkeeping: Omit<DocumentEntry, "updates">;
  /** Encodes the state of the document; undefined when that is empty. */
  readonly text: Generator<void, Uint8Array> | undefined;
}

/** As {@link entryWriting}, the text first. */
export function* wholeWriting({ bookkeeping, text }: EntryInSteps): Generator<void, Uint8Array> {
  const updates = text === undefined ? [] : [yield* text];
  return yield* entryWriting({ ...bookkeeping, updates });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function* each<T>(out: Writer, items: readonly T[], write: (item: T) => void): Generator<void> {
  out.varint(items.length);
  for (let at = 0; at < items.length; at++) {
    write(items[at]!);
    if (at % SLICE === SLICE - 1) yield;
  }
}

/**
 * What the bytes of an entry say. Updates are checked when they are applied, not here.
 * @throws {DocumentError} `DAMAGED` for anything that `encodeEntry` does not write.
 */
export function decodeEntry(bytes: Uint8Array): DocumentEntry {
  try {
    return readEntry(new Reader(bytes));
  } catch (cause) {
    throw new DocumentError("DAMAGED", "an entry of the document's log cannot be read", { cause });
  }
}

function readEntry(reader: Reader): DocumentEntry {
  if (reader.u8() !== FORMAT) throw new DocumentError("MALFORMED", "an entry of a format of the future");
  const texts = many(reader, 1, () => reader.string());
  const text = (index = reader.varint()): string => {
    const found = texts[index];
    if (found === undefined) throw new DocumentError("MALFORMED", "an index beyond the table");
    return found;
  };
  const entry = {
    bindings: many(reader, 3, () => readBinding(reader, text)),
    arrivals: readArrivals(reader, text),
    messages: many(reader, 3, () => ({ user: userId(text()), client: text(), id: reader.varint() })),
    names: many(reader, 5, () => ({
      name: reader.string(),
      user: userId(text()),
      atMs: reader.varint(),
      version: VersionVector.decode(reader.bytes(reader.varint())),
    })),
    requests: many(reader, 4, () => ({
      user: userId(text()),
      key: reader.string(),
      digest: reader.string(),
      version: reader.varint(),
    })),
    access: many(reader, 4, () => readRule(reader, text)),
    retired: many(reader, 2, () => replicaId(reader.string())),
    updates: many(reader, 1, () => reader.bytes(reader.varint())),
  };
  reader.end();
  return entry;
}

function readRule(reader: Reader, text: () => string): AccessRule {
  const user = userId(text());
  const index = reader.varint();
  if (index > ACCESS.length) throw new DocumentError("MALFORMED", "no such access");
  return { user, access: ACCESS[index - 1], by: userId(text()), atMs: reader.varint() };
}

function writeBinding(out: Writer, texts: TextTable, { replica, user, node }: Binding): void {
  out.varint(texts.indexOf(replica)).varint(texts.indexOf(user));
  out.varint(node === undefined ? 0 : texts.indexOf(node) + 1);
}

function readBinding(reader: Reader, text: (index?: number) => string): Binding {
  const replica = replicaId(text());
  const user = userId(text());
  const node = reader.varint();
  return node === 0 ? { replica, user } : { replica, user, node: replicaId(text(node - 1)) };
}

function arrivalWriter(out: Writer, texts: TextTable): (arrival: Arrival) => void {
  const reached = new Map<ReplicaId, number>();
  let before = 0;
  return ({ replica, from, to, atMs }) => {
    out.varint(texts.indexOf(replica)).varint(from - 1 - (reached.get(replica) ?? 0));
    out.varint(to - from).varint(zigzag(atMs - before));
    reached.set(replica, to);
    before = atMs;
  };
}

function readArrivals(reader: Reader, text: () => string): Arrival[] {
  const reached = new Map<ReplicaId, number>();
  let atMs = 0;
  return many(reader, 4, () => {
    const replica = replicaId(text());
    const from = (reached.get(replica) ?? 0) + 1 + reader.varint();
    const to = from + reader.varint();
    atMs += unzigzag(reader.varint());
    if (!Number.isSafeInteger(to) || atMs < 0) throw new DocumentError("MALFORMED", "no such arrival");
    reached.set(replica, to);
    return { replica, from, to, atMs };
  });
}

function many<T>(reader: Reader, bytesEachMin: number, read: () => T): T[] {
  return Array.from({ length: reader.count(bytesEachMin) }, read);
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : value * -2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** The texts of an entry, each once. */
class TextTable {
  readonly #indices = new Map<string, number>();

  indexOf(text: string): number {
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    this.#indices.set(text, this.#indices.size);
    return this.#indices.size - 1;
  }

  write(out: Writer): Writer {
    out.varint(this.#indices.size);
    for (const text of this.#indices.keys()) out.string(text);
    return out;
  }
}
