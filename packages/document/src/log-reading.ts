import type { EntryKey, StoredEntry } from "./document-store.js";
import { DocumentError } from "./errors.js";

/**
 * How far one document's log has been read. Places are given in the order of commits, and each node's own entries take theirs among those
 * of the others: what was read reaches up to a place, and own entries may stand behind a gap.
 */
export class LogReading {
  #place: number;
  /** Own entries that are on their way, or stand behind a gap; mostly one at most. A map that is filled and emptied for each edit would be built anew each time. */
  readonly #own: Own[] = [];

  constructor(place: number) {
    this.#place = place;
  }

  /** Every entry up to here is in memory. */
  get place(): number {
    return this.#place;
  }

  /** Whether an own entry stands behind others that were not read. */
  get hasGap(): boolean {
    return this.#own.some(({ place }) => place !== undefined);
  }

  /** An own entry is on its way into the store. */
  begin(key: EntryKey, bytes: Uint8Array): void {
    this.#own.push({ key, bytes, place: undefined });
  }

  /**
   * An own entry is in the store, or another node's of the same key was there before.
   * @returns whether it is ours, and was not met in the store before this answer came.
   * @throws {DocumentError} `NOT_SAVED` when places have gone back: the store has forgotten what this node remembers.
   */
  end(key: EntryKey, place: number, fresh: boolean): boolean {
    const own = this.#find(key);
    if (own === undefined || !fresh) {
      this.#drop(own);
      return false;
    }
    if (place <= this.#place) {
      throw new DocumentError(
        "NOT_SAVED",
        "the store is in an earlier state than this node: places went back",
      );
    }
    own.place = place;
    this.#advance();
    return true;
  }

  /** Whether what an entry says is in memory: it was read, or it is an own one. */
  isKnown({ key, place, bytes }: StoredEntry): boolean {
    if (place <= this.#place) return true;
    const own = this.#find(key);
    return own !== undefined && isSame(own.bytes, bytes);
  }

  isNext(place: number): boolean {
    return place === this.#place + 1;
  }

  /** An entry is in memory, and all before it are. @returns whether it was not known to be in the store before. */
  reach({ key, place }: StoredEntry): boolean {
    const own = this.#find(key);
    const isNews = place > this.#place && own?.place === undefined;
    this.#drop(own);
    this.#place = Math.max(this.#place, place);
    this.#advance();
    return isNews;
  }

  /** Own entries without a gap before them are read. */
  #advance(): void {
    const next = this.#own.find(({ place }) => place !== undefined && place <= this.#place + 1);
    if (next?.place === undefined) return;
    this.#drop(next);
    this.#place = Math.max(this.#place, next.place);
    this.#advance();
  }

  #find(key: EntryKey): Own | undefined {
    return this.#own.find((own) => own.key === key);
  }

  /** The last one takes its place: they are in no order. */
  #drop(own: Own | undefined): void {
    const at = own === undefined ? -1 : this.#own.indexOf(own);
    if (at < 0) return;
    const last = this.#own.pop()!;
    if (at < this.#own.length) this.#own[at] = last;
  }
}

interface Own {
  readonly key: EntryKey;
  readonly bytes: Uint8Array;
  /** Once it is known. */
  place: number | undefined;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
