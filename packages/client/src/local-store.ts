/** Names one entry of a local store, as long as that exists. */
export type LocalKey = number;

/** A few bytes that a client has put down. */
export interface LocalEntry {
  readonly key: LocalKey;
  readonly bytes: Uint8Array;
}

/**
 * Where a client keeps documents between two page loads: bags of small entries that the store never opens. Several
 * pages of one browser may use the same bag at the same time, so nothing is ever overwritten.
 */
export interface LocalStore {
  /** Every entry of the bag, in the order in which they were written; none if there never was one. */
  load(bag: string): Promise<readonly LocalEntry[]>;
  /**
   * Takes `remove` out and puts `add` in, in one step; keys that are gone already are passed over. Resolves with the new
   * entries' keys, in order, once they would survive the end of this page.
   */
  write(bag: string, add: readonly Uint8Array[], remove: readonly LocalKey[]): Promise<readonly LocalKey[]>;
  /** Forgets the bag. */
  clear(bag: string): Promise<void>;
  /** Lets go of what the store holds open. */
  close(): Promise<void>;
}
