/**
 * The protocol between clients and a server: messages, their codec and limits, and who is connected to what.
 *
 * ```ts
 * const codec = new MessageCodec({ operations: operationSchemas() }); // the schemas of @motet/document
 * const manager = new ConnectionManager();
 * manager.connect({ id: "c1", socket, document: "acme/minutes", user: "ann", nowMs: Date.now() });
 * const message = codec.parseClientMessage(text); // typed, or a TransportError to answer with
 * ```
 * @packageDocumentation
 */

// Messages, and the only way from text to them.

export type {
  AckMessage,
  Addressed,
  AnchoredCursor,
  AnyOperation,
  BroadcastMessage,
  BroadcastRelay,
  ChangesMessage,
  ClientMessage,
  ControlMessage,
  Cursor,
  CursorMoveMessage,
  ErrorMessage,
  FieldValue,
  HeartbeatMessage,
  HeartbeatReply,
  JoinMessage,
  LineColumn,
  OperationMessage,
  PresenceMessage,
  PresenceState,
  PresenceUpdateMessage,
  RefreshMessage,
  RefreshRequest,
  ReplicaInstance,
  ReplicaMessage,
  Rights,
  RightsMessage,
  SelectionMessage,
  Sent,
  ServerMessage,
  SessionMessage,
  SessionState,
  StateMessage,
  Status,
  UserChange,
  UserMessage,
  UserState,
} from "./message.js";
export type { MessageCodecOptions } from "./message-codec.js";
export {
  encodeClientMessage,
  encodeServerMessage,
  MessageCodec,
  operationOf,
  ReplicaMessageCodec,
} from "./message-codec.js";
export type { OperationSchemas, Schema, SchemaTable } from "./message-schema.js";

// Binary frames, for clients that are replicas themselves.

export {
  decodeReplicaClientFrame,
  decodeReplicaServerFrame,
  encodeChangesFrame,
  encodeStateFrame,
  encodeUpdateFrame,
  encodeVectorFrame,
  encodeWholeFrame,
  type ReplicaChangesFrame,
  type ReplicaClientFrame,
  type ReplicaServerFrame,
  type ReplicaStateFrame,
  replicaProtocol,
} from "./replica-frames.js";

// Connections, and the port they stand on.

export { Frame } from "./frame.js";
export type { Connection, ConnectionId, ConnectionOptions, ReaderKind } from "./server/connection.js";
export { ConnectionManager } from "./server/connection-manager.js";
export type { Audience, ReaderObserver } from "./server/room.js";
export type { Said } from "./server/tail.js";
export type { Socket, SocketListener } from "./socket.js";

// How nodes tell each other what is new.

export { FANOUT_BYTES_MAX, type Fanout, type FanoutListener } from "./fanout.js";
export { MemoryBus } from "./memory-fanout.js";

// A client's line, kept alive.

export { type BackoffLimits, backoffMs } from "./client/backoff.js";
export {
  ClientConnection,
  type ClientConnectionLimits,
  type ClientConnectionListener,
  type ClientConnectionOptions,
  defaultClientLimits,
} from "./client/client-connection.js";
export {
  type ConnectionEvent,
  type ConnectionState,
  nextConnectionState,
} from "./client/connection-state.js";
export type { SilenceLimits } from "./client/heartbeat.js";
export { pageWakeUps, type WakeSource } from "./client/wake.js";
export { type Clock, systemClock } from "./clock.js";

// Limits and refusals.

export { type CloseCode, closeCode, mayRetry } from "./close-code.js";
export { closeReason, retryHintMs } from "./close-reason.js";
export { TransportError, type TransportErrorCode, type TransportErrorOptions } from "./errors.js";
export {
  type ConnectionLimits,
  defaultLimits,
  type MessageLimits,
  type ReplicaLimits,
  type SocketLimits,
  type TransportLimits,
} from "./limits.js";
