import { crc32 } from "node:zlib";
import { type Appended, type DocumentKey, type EntryKey, MemoryDocumentStore } from "../../src/index.js";
import type { SimulatedDisk } from "./simulated-disk.js";

// journal := record*              One file for each document; what it says, in order, is the document's entries.
// record  := length:u32 check:u32 json       check = CRC-32 of the JSON. The first that fails it ends the journal.

type Change =
  | { readonly does: "append"; readonly key: EntryKey; readonly bytes: string }
  | {
      readonly does: "replace";
      readonly covered: readonly EntryKey[];
      readonly key: EntryKey;
      readonly bytes: string;
    };

const HEAD_BYTES = 8;

/** A store on a simulated disk: each change is a record behind a checksum, and promised once it is synced. */
export class JournalStore extends MemoryDocumentStore {
  readonly #disk: SimulatedDisk;
  readonly #promisesEarly: boolean;

  private constructor(disk: SimulatedDisk, promisesEarly: boolean) {
    super();
    this.#disk = disk;
    this.#promisesEarly = promisesEarly;
  }

  /** What the disk holds. @param promisesEarly Plants the bug: it promises before the sync. */
  static async recover(disk: SimulatedDisk, promisesEarly = false): Promise<JournalStore> {
    const store = new JournalStore(disk, promisesEarly);
    for (const name of disk.names) await store.#replay(name as DocumentKey);
    return store;
  }

  override async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    const appended = await super.append(id, key, bytes);
    await this.#note(id, { does: "append", key, bytes: Buffer.from(bytes).toString("base64") });
    return appended;
  }

  override async replace(
    id: DocumentKey,
    covered: readonly EntryKey[],
    key: EntryKey,
    bytes: Uint8Array,
  ): Promise<number> {
    const place = await super.replace(id, covered, key, bytes);
    await this.#note(id, { does: "replace", covered, key, bytes: Buffer.from(bytes).toString("base64") });
    return place;
  }

  async #note(id: DocumentKey, change: Change): Promise<void> {
    const json = Buffer.from(JSON.stringify(change));
    const record = Buffer.alloc(HEAD_BYTES + json.length);
    record.writeUInt32BE(json.length, 0);
    record.writeUInt32BE(crc32(json), 4);
    json.copy(record, HEAD_BYTES);
    this.#disk.append(id, record);
    const synced = this.#disk.sync(id);
    if (!this.#promisesEarly) await synced;
  }

  async #replay(id: DocumentKey): Promise<void> {
    const journal = Buffer.from(this.#disk.read(id));
    let at = 0;
    for (let json = recordAt(journal, at); json !== undefined; json = recordAt(journal, at)) {
      await this.#redo(id, JSON.parse(json.toString()) as Change);
      at += HEAD_BYTES + json.length;
    }
    this.#disk.truncate(id, at);
  }

  async #redo(id: DocumentKey, change: Change): Promise<void> {
    const bytes = Buffer.from(change.bytes, "base64");
    if (change.does === "append") await super.append(id, change.key, bytes);
    else await super.replace(id, change.covered, change.key, bytes);
  }
}

function recordAt(journal: Buffer, at: number): Buffer | undefined {
  if (at + HEAD_BYTES > journal.length) return undefined;
  const json = journal.subarray(at + HEAD_BYTES, at + HEAD_BYTES + journal.readUInt32BE(at));
  const isWhole = json.length > 0 && json.length === journal.readUInt32BE(at);
  return isWhole && crc32(json) === journal.readUInt32BE(at + 4) ? json : undefined;
}
