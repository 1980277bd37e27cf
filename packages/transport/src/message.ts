import type { Anchor } from "@motet/crdt-core";

/**
 * The JSON messages, named and shaped as on the wire (PROTOCOL.md). `O` is the union of operations: this package
 * carries them and does not know what they mean.
 */

/** The shape of an operation: a `type`, and fields of its own that are none of `user_id`, `doc_id`, `id`, `version`. */
export interface AnyOperation {
  readonly type: string;
}

/** What every message says: whom it is about, and in which document. */
export interface Addressed {
  /** From a client: its own user. From the server: the user whom the message is about, or who caused it. */
  readonly user_id: string;
  readonly doc_id: string;
}

/** A place in the text: both count from 0, `column` in UTF-16 units; only `\n` breaks a line. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** A cursor in lines and columns: where it is, and where what is selected begins. */
export interface Cursor extends LineColumn {
  /** The other end of the selection; absent when nothing is selected. */
  readonly from?: LineColumn;
}

/** A cursor that stays with its characters: as {@link Cursor}, in anchors. */
export interface AnchoredCursor {
  readonly head: Anchor;
  /** The other end of the selection; absent when nothing is selected. */
  readonly from?: Anchor;
}

/** How present a user says they are. */
export type Status = "active" | "idle" | "away";

/** Small free-form data that an application shows of a user; JSON, at most `stateBytesMax` bytes. */
export type PresenceState = Readonly<Record<string, unknown>>;

/** What a user may do with a document; each includes those before it. */
export type Rights = "read" | "write" | "admin";

/** One instance of a client that is a replica itself: its id, and the proof that a later connection is the same instance. */
export interface ReplicaInstance {
  /** 1 to 64 of `[A-Za-z0-9_-]`, drawn anew by each instance: a page load, a process. */
  readonly id: string;
  /** 22 to 64 of `[A-Za-z0-9_-]`, random, never shown to others. */
  readonly secret: string;
}

/** The first message of a connection. `user_id` may be empty where a token says who it is. */
export interface JoinMessage extends Addressed {
  readonly type: "join";
  readonly token?: string;
  /** Stable over reconnects, 1 to 64 of `[A-Za-z0-9_-]`; message ids rise within it. */
  readonly client_id?: string;
  readonly name?: string;
  /** The version of the replica protocol; only 1 is spoken yet. */
  readonly protocol?: number;
  /** Makes this a replica's connection: it is told the document in binary frames. */
  readonly replica?: ReplicaInstance;
}

/** What a client adds to an operation. */
export interface Sent {
  /** Rises with each message of a `client_id`, from 1; makes sending again harmless. */
  readonly id?: number;
  /** The stream's number that the client last took in; without it, the document as it is on arrival. */
  readonly version?: number;
}

/** An operation as a client sends it: the operation's own fields beside the envelope. */
export type OperationMessage<O extends AnyOperation = AnyOperation> = O extends AnyOperation
  ? Addressed & Sent & O
  : never;

/** Where the sender's cursor is, in the text as it is on arrival, as a client says that has no replica. */
export interface CursorMoveMessage extends Addressed, Cursor {
  readonly type: "cursor_move";
}

/** Where the sender's cursor is now, as a replica says; without `head` it has none. */
export interface SelectionMessage extends Addressed, Partial<AnchoredCursor> {
  readonly type: "selection";
}

/** What the sender's user does, or what the application wants shown of them. */
export interface PresenceUpdateMessage extends Addressed {
  readonly type: "presence_update";
  readonly status?: Status;
  readonly state?: PresenceState;
}

/** A sign of life; the server answers with its clock. */
export interface HeartbeatMessage extends Addressed {
  readonly type: "heartbeat";
}

/** Something of the application's own, for everyone else in the document. It is neither kept nor repeated. */
export interface BroadcastMessage extends Addressed {
  readonly type: "broadcast";
  /** Any JSON value, at most `payloadBytesMax` bytes. */
  readonly payload: unknown;
}

/** Another token of the same user, before the one that the server knows runs out. */
export interface RefreshMessage extends Addressed {
  readonly type: "refresh";
  readonly token: string;
}

/** Everything a client may send that is not an operation. */
export type ControlMessage =
  | JoinMessage
  | RefreshMessage
  | CursorMoveMessage
  | SelectionMessage
  | PresenceUpdateMessage
  | HeartbeatMessage
  | BroadcastMessage;

/** Everything a client may send. */
export type ClientMessage<O extends AnyOperation = AnyOperation> = ControlMessage | OperationMessage<O>;

/** A user in the document, as a joiner is told. */
export interface UserState {
  readonly user_id: string;
  readonly name: string;
  readonly colour: string;
  readonly idle: boolean;
  /** Told to readers that have no replica. */
  readonly cursor?: Cursor;
  /** Told to replicas. */
  readonly selection?: AnchoredCursor;
  /** What the user says of themselves; absent where the server does not tell joiners. */
  readonly status?: Status;
  readonly state?: PresenceState;
}

/** What the server made of this connection. */
export interface SessionState {
  readonly client_id: string;
  readonly name: string;
  readonly colour: string;
  /** The highest message id accepted from this `client_id`; 0 if none. */
  readonly last_id: number;
  readonly server_time_ms: number;
  /** What the user may do; absent means `write`. */
  readonly rights?: Rights;
}

/** What a field of a document holds. */
export type FieldValue = string | number | boolean | null;

/** The answer to `join`: the document, who is there, and the session. */
export interface StateMessage extends Addressed {
  readonly type: "state";
  readonly version: number;
  readonly text: string;
  readonly title: string;
  readonly counters: Readonly<Record<string, number>>;
  /** What `set_field` has set, by name. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly users: readonly UserState[];
  readonly session: SessionState;
}

/** The answer to a replica's `join`: the session and who is there. The document follows as a binary `state` frame. */
export interface SessionMessage extends Addressed {
  readonly type: "session";
  readonly protocol: number;
  readonly session: SessionState;
  readonly users: readonly UserState[];
}

/** A user's first connection has joined, or their last has left. */
export interface UserMessage extends Addressed {
  readonly type: "user_joined" | "user_left";
  readonly name: string;
  readonly colour: string;
}

/** Operations of `user_id`; after them the reader is at `version`. */
export interface ChangesMessage<O extends AnyOperation = AnyOperation> extends Addressed {
  readonly type: "changes";
  readonly version: number;
  readonly changes: readonly O[];
}

/** What the reader's own message became. A duplicate's ack has no changes and no place in the stream. */
export interface AckMessage<O extends AnyOperation = AnyOperation> extends Addressed {
  readonly type: "ack";
  readonly id?: number;
  readonly version: number;
  readonly changes: readonly O[];
  readonly duplicate?: true;
}

/** What is new of a user; what is absent stays as it was. */
export interface UserChange {
  readonly user_id: string;
  readonly name?: string;
  readonly status?: Status;
  /** Replaces the former state as a whole. */
  readonly state?: PresenceState;
  /** Told to readers that have no replica; `null` when the cursor is gone. */
  readonly cursor?: Cursor | null;
  /** Told to replicas; `null` when the cursor is gone. */
  readonly selection?: AnchoredCursor | null;
}

/** What is new of the users of a document since the last one, the reader's own included. `user_id` is the first's. */
export interface PresenceMessage extends Addressed {
  readonly type: "presence_update";
  readonly users: readonly UserChange[];
}

/** The server's sign of life. */
export interface HeartbeatReply extends Addressed {
  readonly type: "heartbeat";
  readonly server_time_ms: number;
}

/** Something of an application's own that another user sent. */
export interface BroadcastRelay extends Addressed {
  readonly type: "broadcast";
  readonly name: string;
  readonly payload: unknown;
}

/** The session's token runs out: the client is to send another. Repeated until it does. */
export interface RefreshRequest extends Addressed {
  readonly type: "refresh";
  /** Milliseconds until it has run out; 0 when it has. */
  readonly expires_in_ms: number;
}

/** What the reader may do from now on. */
export interface RightsMessage extends Addressed {
  readonly type: "rights";
  readonly rights: Rights;
}

/** A message was refused; the connection lives. Before the join, `user_id` may be empty. */
export interface ErrorMessage extends Addressed {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  /** The `id` of the refused message, or its `type`; `"update"` and `"vector"` for binary frames. */
  readonly in_reply_to?: number | string;
  /** Of a refused update: the replica whose operation was refused. */
  readonly replica?: string;
  /** Of a refused update: the first of that replica's operations that was refused. */
  readonly seq?: number;
}

/** Everything a server may send to a replica in JSON; the document goes in binary frames. */
export type ReplicaMessage =
  | SessionMessage
  | UserMessage
  | PresenceMessage
  | HeartbeatReply
  | BroadcastRelay
  | RefreshRequest
  | RightsMessage
  | ErrorMessage;

/** Everything a server may send. */
export type ServerMessage<O extends AnyOperation = AnyOperation> =
  | StateMessage
  | ChangesMessage<O>
  | AckMessage<O>
  | ReplicaMessage;
