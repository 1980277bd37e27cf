/** What a JSON message may measure, and what happens to one that measures more. */
export interface MessageLimits {
  /** Largest message from a client, in bytes of UTF-8. Error `TOO_LARGE`, connection kept. @default 262_144 (256 KiB) */
  readonly messageBytesMax: number;
  /** Largest first message, in bytes of UTF-8. Error `TOO_LARGE`; nothing of it is parsed. @default 8_192 (8 KiB) */
  readonly joinBytesMax: number;
  /** Largest message that a client takes from a server, in bytes of UTF-8. Error `TOO_LARGE`. @default 67_108_864 (64 MiB) */
  readonly serverMessageBytesMax: number;
  /** Longest display name, in UTF-16 units. Error `OUT_OF_RANGE`. @default 64 */
  readonly nameLengthMax: number;
  /** Largest free-form presence state, in bytes as JSON without spaces. Error `OUT_OF_RANGE`. @default 1_024 (1 KiB) */
  readonly stateBytesMax: number;
  /** Largest payload of a custom message, in bytes as JSON without spaces. Error `OUT_OF_RANGE`. @default 4_096 (4 KiB) */
  readonly payloadBytesMax: number;
}

/** What a binary frame may measure, and what happens to one that measures more. */
export interface ReplicaLimits {
  /** Largest version vector from a client, in bytes: some 40,000 replicas. Error `TOO_LARGE`. @default 1_048_576 (1 MiB) */
  readonly vectorBytesMax: number;
  /** Largest update from a client, in bytes; clients split what is larger. Error `TOO_LARGE`. @default 1_048_576 (1 MiB) */
  readonly updateBytesMax: number;
  /** Largest binary frame that a client takes from a server, in bytes. Error `TOO_LARGE`. @default 67_108_864 (64 MiB) */
  readonly serverFrameBytesMax: number;
}

/** What a frame and a socket may cost, and what happens when they cost more. */
export interface SocketLimits {
  /**
   * Largest message accepted by the socket, in bytes. Close code 1009. Above `messageBytesMax`, so that a message
   * that is somewhat too large is answered with an error instead of a cut connection. @default 2_097_152 (2 MiB)
   */
  readonly frameBytesMax: number;
  /** Most fragments of one message. Close code 1008. @default 1_024 */
  readonly fragmentsMax: number;
  /** Most pieces of one message that wait in the receiver. Close code 1008. @default 4_096 */
  readonly bufferedChunksMax: number;
  /** How long a peer may take to answer a close frame, in milliseconds, before its socket is destroyed. @default 5_000 */
  readonly closeTimeoutMs: number;
}

/** How long a connection may be silent, and how much may wait for it. */
export interface ConnectionLimits {
  /** A connection silent for this long has missed one heartbeat and is pinged, in milliseconds. @default 15_000 */
  readonly heartbeatIntervalMs: number;
  /** Heartbeats a connection may miss; one more, and it is dead. Close code 4408. @default 1: dead after 30 s */
  readonly missedHeartbeatsMax: number;
  /** Bytes unread by one reader above which nothing more is sent to it: it is behind. @default 65_536 (64 KiB) */
  readonly outboxBytesMax: number;
  /**
   * Bytes that are kept of one document for all its readers who are behind, together. Who has missed what is gone gets the
   * difference, or close code 4408. @default 1_048_576 (1 MiB)
   */
  readonly tailBytesMax: number;
  /** Longest that a reader may be behind, in milliseconds. Close code 4408. @default 30_000 */
  readonly behindMsMax: number;
}

/** Every limit of this package. */
export interface TransportLimits extends MessageLimits, ReplicaLimits, SocketLimits, ConnectionLimits {}

/** The limits that hold where nothing else is said. */
export const defaultLimits: TransportLimits = Object.freeze({
  messageBytesMax: 262_144,
  joinBytesMax: 8_192,
  serverMessageBytesMax: 67_108_864,
  nameLengthMax: 64,
  stateBytesMax: 1_024,
  payloadBytesMax: 4_096,
  vectorBytesMax: 1_048_576,
  updateBytesMax: 1_048_576,
  serverFrameBytesMax: 67_108_864,
  frameBytesMax: 2_097_152,
  fragmentsMax: 1_024,
  bufferedChunksMax: 4_096,
  closeTimeoutMs: 5_000,
  heartbeatIntervalMs: 15_000,
  missedHeartbeatsMax: 1,
  outboxBytesMax: 65_536,
  tailBytesMax: 1_048_576,
  behindMsMax: 30_000,
});
