import { type ClientConnectionLimits, defaultClientLimits } from "@motet/transport";

/** What a document keeps and sends at most, and what happens beyond. */
export interface ClientLimits extends ClientConnectionLimits {
  /** Operations made here and not yet acknowledged; more edits are refused with `QUEUE_FULL`. @default 1_000_000 */
  readonly unsavedOperationsMax: number;
  /** Bytes of operations put into one frame; what is more goes into the next, after an acknowledgement. @default 262_144 (256 KiB) */
  readonly updateBytesMax: number;
  /** Entries of the local store before they are put together; up to 16 times as many where the document is large. @default 256 */
  readonly localEntriesMax: number;
  /** Largest payload of `broadcast`, in UTF-8 bytes as JSON; beyond, `BAD_PAYLOAD`. @default 4_096 (4 KiB) */
  readonly payloadBytesMax: number;
  /** Largest `state` of `setPresence`, in the same way. @default 1_024 (1 KiB) */
  readonly stateBytesMax: number;
}

/** The limits that hold where nothing else is said. */
export const defaultLimits: ClientLimits = Object.freeze({
  ...defaultClientLimits,
  unsavedOperationsMax: 1_000_000,
  updateBytesMax: 262_144,
  localEntriesMax: 256,
  payloadBytesMax: 4_096,
  stateBytesMax: 1_024,
});
