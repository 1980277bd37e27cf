import { letGo, Reader, type ReplicaId, replicaId, VersionVector, Writer } from "@motet/crdt-core";
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
  const out = new EntryWriter();
  for (const column of COLUMNS) out.begin(column, entry).write(Number.POSITIVE_INFINITY);
  return out.finish();
}

/** Records written between two pauses of {@link entryWriting}: well under a millisecond's work. */
const SLICE = 1_000;

/** Bytes of an update from which on it is copied into its entry and nowhere before: of a large document each copy counts. */
const LARGE = 65_536;

/** Writes an entry and pauses now and then, so that a large one never holds up the event loop. */
export function* entryWriting(entry: DocumentEntry): Generator<void, Uint8Array> {
  const out = new EntryWriter();
  for (const column of COLUMNS) {
    out.begin(column, entry);
    while (!out.write(SLICE)) yield;
  }
  return out.finish();
}

/** An entry that says everything, whose text is encoded as it is written. */
export interface EntryInSteps {
  readonly bookkeeping: Omit<DocumentEntry, "updates">;
  /** Encodes the state of the document; undefined when that is empty. */
  readonly text: Generator<void, Uint8Array> | undefined;
}

/** As {@link entryWriting}, the text first. */
export function* wholeWriting({ bookkeeping, text }: EntryInSteps): Generator<void, Uint8Array> {
  if (text === undefined) return yield* entryWriting({ ...bookkeeping, updates: [] });
  const state = yield* text;
  const whole = yield* entryWriting({ ...bookkeeping, updates: [state] });
  letGo(state); // A large document is in memory often enough while its log is put together.
  return whole;
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

function readBinding(reader: Reader, text: (index?: number) => string): Binding {
  const replica = replicaId(text());
  const user = userId(text());
  const node = reader.varint();
  return node === 0 ? { replica, user } : { replica, user, node: replicaId(text(node - 1)) };
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

/** One part of an entry. */
interface Column {
  readonly of: (entry: DocumentEntry) => readonly unknown[];
  readonly write: (out: EntryWriter, record: never) => void;
}

/** In the order of the grammar. Where few people type there is an entry for each edit: nothing is made anew for it here. */
const COLUMNS: readonly Column[] = [
  {
    of: ({ bindings }) => bindings,
    write: (out, { replica, user, node }: Binding) => out.text(replica).text(user).textOrNone(node),
  },
  { of: ({ arrivals }) => arrivals, write: (out, arrival: Arrival) => out.arrival(arrival) },
  {
    of: ({ messages }) => messages,
    write: (out, { user, client, id }: AcceptedMessage) => out.text(user).text(client).body.varint(id),
  },
  {
    of: ({ names }) => names,
    write: (out, { name, user, atMs, version }: NamedVersion) => {
      const vector = version.encode();
      out.body.string(name);
      out.text(user).body.varint(atMs).varint(vector.length).bytes(vector);
    },
  },
  {
    of: ({ requests }) => requests,
    write: (out, { user, key, digest, version }: AcceptedRequest) => {
      out.text(user).body.string(key).string(digest).varint(version);
    },
  },
  {
    of: ({ access }) => access,
    write: (out, { user, access, by, atMs }: AccessRule) => {
      out.text(user).body.varint(access === undefined ? 0 : ACCESS.indexOf(access) + 1);
      out.text(by).body.varint(atMs);
    },
  },
  { of: ({ retired }) => retired, write: (out, replica: ReplicaId) => out.body.string(replica) },
  { of: ({ updates }) => updates, write: (out, update: Uint8Array) => out.update(update) },
];

/** Writes one entry, column by column. */
class EntryWriter {
  readonly body = new Writer(BODY_BYTES);
  readonly #texts = new Map<string, number>();
  /** What stands before `body`: large updates, and what was written before them. */
  readonly #parts: Uint8Array[] = [];
  /** The last arrival of each replica. */
  readonly #reached = new Map<ReplicaId, number>();
  #beforeMs = 0;
  #write: Column["write"] = () => {};
  #records: readonly unknown[] = [];
  #at = 0;

  /** The next column. */
  begin({ of, write }: Column, entry: DocumentEntry): this {
    this.#write = write;
    this.#records = of(entry);
    this.#at = 0;
    this.body.varint(this.#records.length);
    return this;
  }

  /** Writes at most so many of the column's records; whether these were the last. */
  write(count: number): boolean {
    const end = Math.min(this.#records.length, this.#at + count);
    for (; this.#at < end; this.#at++) this.#write(this, this.#records[this.#at] as never);
    return this.#at === this.#records.length;
  }

  text(text: string): this {
    this.body.varint(this.#indexOf(text));
    return this;
  }

  textOrNone(text: string | undefined): void {
    this.body.varint(text === undefined ? 0 : this.#indexOf(text) + 1);
  }

  arrival({ replica, from, to, atMs }: Arrival): void {
    this.text(replica).body.varint(from - 1 - (this.#reached.get(replica) ?? 0));
    this.body.varint(to - from).varint(zigzag(atMs - this.#beforeMs));
    this.#reached.set(replica, to);
    this.#beforeMs = atMs;
  }

  update(update: Uint8Array): void {
    this.body.varint(update.length);
    if (update.length < LARGE) this.body.bytes(update);
    else this.#parts.push(this.body.take(), update);
  }

  /** The bytes of the entry. */
  finish(): Uint8Array {
    const head = this.#head();
    const length = this.#parts.reduce((sum, part) => sum + part.length, head.length + this.body.length);
    const out = new Writer(length).append(head);
    for (const part of this.#parts) out.bytes(part);
    return out.append(this.body).last();
  }

  #head(): Writer {
    const head = new Writer(BODY_BYTES).u8(FORMAT).varint(this.#texts.size);
    for (const text of this.#texts.keys()) head.string(text);
    return head;
  }

  #indexOf(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }
}

/** Enough for the entry of one edit. */
const BODY_BYTES = 192;
