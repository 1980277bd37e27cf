import type { Appended, DocumentKey, EntryKey, StoredEntry } from "../../src/index.js";
import { DocumentError, MemoryDocumentStore } from "../../src/index.js";

/** A store whose answers the test holds: appends wait for `confirm`, and any call can be made to fail. */
export class ControlledStore extends MemoryDocumentStore {
  /** Names of the calls that fail from now on. */
  readonly failing = new Set<"load" | "append" | "replace">();
  /** While true, appends are not done before `confirm` lets them. */
  holding = false;
  loads = 0;
  #held: (() => void)[] = [];

  override async load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]> {
    this.loads++;
    if (this.failing.has("load")) throw new Error("the disk is away");
    return super.load(id, after);
  }

  override async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.failing.has("append")) throw new DocumentError("STORE_UNAVAILABLE", "the disk is away");
    return super.append(id, key, bytes);
  }

  override async replace(
    id: DocumentKey,
    covered: readonly EntryKey[],
    key: EntryKey,
    bytes: Uint8Array,
  ): Promise<number> {
    if (this.failing.has("replace")) throw new DocumentError("STORE_UNAVAILABLE", "the disk is away");
    return super.replace(id, covered, key, bytes);
  }

  /** How many appends wait. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Lets the appends that wait go on. */
  confirm(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}
