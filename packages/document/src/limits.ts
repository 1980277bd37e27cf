/** What one document may grow to and what a server keeps of it in memory, and what happens beyond. */
export interface DocumentLimits {
  /** Operations in a document's life; refused with `LIMIT`, reading goes on. @default 20_000_000 */
  readonly operationsMax: number;
  /** Visible text in UTF-16 code units; insertions are refused with `LIMIT`, deletions are not. @default 10_000_000 */
  readonly textUnitsMax: number;
  /** Titles, counts and fields that were ever set, in bytes; more of them are refused with `LIMIT`. @default 67_108_864 (64 MiB) */
  readonly rowBytesMax: number;
  /** Replicas that ever wrote; new ones are refused with `LIMIT`. @default 100_000 */
  readonly replicasMax: number;
  /** Commits within which a position in an older text can be placed, each counted by its runs of operations; beyond, `STALE_VERSION`. @default 4_096 */
  readonly viewStepsMax: number;
  /** Clients whose last message number is remembered; who was silent longest is forgotten. @default 10_000 */
  readonly messageClientsMax: number;
  /** Requests that were made with a key and are answered again; the oldest is forgotten. @default 1_000 */
  readonly requestsKeptMax: number;
  /** Entries in the store before they are put together; in proportion more behind a snapshot of more than `compactBytes`. @default 1_000 */
  readonly compactEntries: number;
  /** Bytes in those entries, not counting the last snapshot, before they are put together; as many as that snapshot has, if that is more. @default 1_048_576 (1 MiB) */
  readonly compactBytes: number;
}

/** Limits for people who write texts together. */
export const DEFAULT_LIMITS: DocumentLimits = {
  operationsMax: 20_000_000,
  textUnitsMax: 10_000_000,
  rowBytesMax: 67_108_864,
  replicasMax: 100_000,
  viewStepsMax: 4_096,
  messageClientsMax: 10_000,
  requestsKeptMax: 1_000,
  compactEntries: 1_000,
  compactBytes: 1_048_576,
};
