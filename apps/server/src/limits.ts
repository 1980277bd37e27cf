import { defaultLimits, type MessageLimits, type ReplicaLimits, type SocketLimits } from "@motet/transport";
import { ServerError } from "./errors.js";

/** What clients may send: the transport's limits, but for what a client takes from its server. */
type FrameLimits = Omit<
  MessageLimits & ReplicaLimits & SocketLimits,
  "serverMessageBytesMax" | "serverFrameBytesMax"
>;

/** What a stranger may ask of the server before and while it lets them in, and what happens beyond. */
export interface ServerLimits extends FrameLimits {
  /** Longest wait for `join` on a new connection, in milliseconds. Close code 4408. @default 5_000 */
  readonly joinTimeoutMs: number;
  /** Bytes that a connection may send before its `join` is accepted, that message among them. Close code 4400. @default 8_192 (8 KiB) */
  readonly joinBytesMax: number;
  /** Messages kept between `join` and the state; sockets that can wait are not read meanwhile. Close code 4400. @default 2_000 */
  readonly earlyMessagesMax: number;
  /** Their size together, in bytes. Close code 4400. @default 1_048_576 (1 MiB) */
  readonly earlyBytesMax: number;
  /** A client silent for longer is gone, in milliseconds; it is asked at half of it. Close code 1006. @default 30_000 */
  readonly heartbeatTimeoutMs: number;
  /** A user who does nothing for this long counts as idle, in milliseconds. @default 300_000 (5 minutes) */
  readonly idleMs: number;
  /** Body of an HTTP request, in bytes. 413. @default 65_536 (64 KiB) */
  readonly bodyBytesMax: number;
  /** Body of an HTTP request that brings a document's whole log, in bytes. 413. @default 67_108_864 (64 MiB) */
  readonly importBytesMax: number;
  /** HTTP requests for documents under way at once. 503 with `Retry-After`. @default 256 */
  readonly requestsMax: number;
  /** Bytes on their way to the disk beyond which HTTP requests write no more. 503 with `Retry-After`. @default 8_388_608 (8 MiB) */
  readonly queuedBytesMax: number;
  /** Messages and control frames that a connection may send in a second, over time. It is not read for a while. @default 500 */
  readonly messagesPerSecond: number;
  /** Messages that it may send at once. It is not read for a while. @default 10_000 */
  readonly messagesBurst: number;
  /** Messages beyond that which may have come in before it was not read any more. Close code 4429. @default 5_000 */
  readonly messagesDebtMax: number;
  /** Bytes that a connection may send in a second, over time. It is not read for a while. @default 1_048_576 (1 MiB) */
  readonly bytesPerSecond: number;
  /** Bytes that it may send at once. It is not read for a while. @default 16_777_216 (16 MiB) */
  readonly bytesBurst: number;
  /** Operations in one update of a replica, each character counted. Error `TOO_LARGE`. @default 10_000_000 */
  readonly updateOperationsMax: number;
  /** Connections that one user may have. Error `TOO_MANY_CONNECTIONS`, close code 4429. @default 256 */
  readonly connectionsPerUserMax: number;
  /** Documents that one user may have open. Error `TOO_MANY_DOCUMENTS`, close code 4429. @default 1_000 */
  readonly documentsPerUserMax: number;
  /** Connections of everybody together. The upgrade is refused with 503. @default 20_000 */
  readonly connectionsMax: number;
  /** Connections that are let in within a second, over time. The upgrade is refused with 503 and `Retry-After`. @default 500 */
  readonly admissionsPerSecond: number;
  /** Connections that are let in at once. The upgrade is refused with 503 and `Retry-After`. @default 1_000 */
  readonly admissionsBurst: number;
  /** Bytes unread by one reader above which nothing more is sent to it. @default 65_536 (64 KiB) */
  readonly outboxBytesMax: number;
  /** Bytes kept of one document for all readers who are behind. @default 1_048_576 (1 MiB) */
  readonly tailBytesMax: number;
  /** Bytes of whole documents on their way to those who join or ask for them. Beyond, whoever has the most unread is cut off, and gets `TOO_BUSY`. @default 134_217_728 (128 MiB) */
  readonly unreadBytesMax: number;
  /** Longest that a reader may be behind, in milliseconds. Close code 4408. @default 30_000 */
  readonly behindMsMax: number;
}

/** The limits that hold where nothing else is said. */
export const defaultServerLimits: ServerLimits = Object.freeze({
  joinTimeoutMs: 5_000,
  joinBytesMax: defaultLimits.joinBytesMax,
  messageBytesMax: defaultLimits.messageBytesMax,
  nameLengthMax: defaultLimits.nameLengthMax,
  stateBytesMax: defaultLimits.stateBytesMax,
  payloadBytesMax: defaultLimits.payloadBytesMax,
  vectorBytesMax: defaultLimits.vectorBytesMax,
  updateBytesMax: defaultLimits.updateBytesMax,
  frameBytesMax: defaultLimits.frameBytesMax,
  fragmentsMax: defaultLimits.fragmentsMax,
  bufferedChunksMax: defaultLimits.bufferedChunksMax,
  closeTimeoutMs: defaultLimits.closeTimeoutMs,
  earlyMessagesMax: 2_000,
  earlyBytesMax: 1_048_576,
  heartbeatTimeoutMs: 30_000,
  idleMs: 300_000,
  bodyBytesMax: 65_536,
  importBytesMax: 67_108_864,
  requestsMax: 256,
  queuedBytesMax: 8_388_608,
  messagesPerSecond: 500,
  messagesBurst: 10_000,
  messagesDebtMax: 5_000,
  bytesPerSecond: 1_048_576,
  bytesBurst: 16_777_216,
  updateOperationsMax: 10_000_000,
  connectionsPerUserMax: 256,
  documentsPerUserMax: 1_000,
  connectionsMax: 20_000,
  admissionsPerSecond: 500,
  admissionsBurst: 1_000,
  outboxBytesMax: defaultLimits.outboxBytesMax,
  tailBytesMax: defaultLimits.tailBytesMax,
  unreadBytesMax: 134_217_728,
  behindMsMax: defaultLimits.behindMsMax,
});

/**
 * The `defaults`, with some other than these.
 * @throws {ServerError} `BAD_CONFIG`, which names all that are unknown or no numbers from 1 on.
 */
export function limitsWith<Limits extends object>(defaults: Limits, others: Partial<Limits> = {}): Limits {
  const isRight = ([name, value]: [string, unknown]) => Object.hasOwn(defaults, name) && Number(value) >= 1;
  const wrong = Object.entries(others).filter((limit) => !isRight(limit));
  if (wrong.length === 0) return { ...defaults, ...others };
  const names = wrong.map(([name]) => name).join(", ");
  throw new ServerError("BAD_CONFIG", `These limits are unknown, or no numbers from 1 on: ${names}.`);
}
