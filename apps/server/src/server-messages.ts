import type { ItemId } from "@motet/crdt-core";
import type { Commit, Document, DocumentSnapshot, Operation } from "@motet/document";
import type { Cursor, Participant, ParticipantChange } from "@motet/presence";
import {
  type AckMessage,
  type BroadcastMessage,
  type BroadcastRelay,
  type ChangesMessage,
  type ErrorMessage,
  type HeartbeatReply,
  type PresenceMessage,
  type ReaderKind,
  type RefreshRequest,
  type Rights,
  type RightsMessage,
  replicaProtocol,
  type SessionMessage,
  type SessionState,
  type StateMessage,
  type UserChange,
  type UserMessage,
  type UserState,
} from "@motet/transport";
import { placedIn } from "./cursor-places.js";
import type { Member } from "./session.js";

/** What a reader is told of itself and of the others when it begins. */
export interface SessionFacts {
  readonly rights: Rights;
  readonly users: readonly UserState[];
  readonly me: Participant;
  readonly client: string;
  /** The highest message id accepted from this client so far; 0 if none. */
  readonly lastId: number;
  readonly wallMs: number;
}

/** The answer to a JSON client's `join`. */
export function stateMessage(doc_id: string, snapshot: DocumentSnapshot, facts: SessionFacts): StateMessage {
  return {
    type: "state",
    user_id: facts.me.id,
    doc_id,
    version: snapshot.versionNumber,
    text: snapshot.text,
    title: snapshot.title,
    counters: Object.fromEntries(snapshot.counters),
    fields: Object.fromEntries(snapshot.fields),
    users: facts.users,
    session: sessionState(facts),
  };
}

/** The answer to a replica's `join`; the document follows in binary. */
export function sessionMessage(doc_id: string, facts: SessionFacts): SessionMessage {
  const { users } = facts;
  const protocol = replicaProtocol;
  return { type: "session", user_id: facts.me.id, doc_id, protocol, users, session: sessionState(facts) };
}

function sessionState({ me, rights, client, lastId, wallMs }: SessionFacts): SessionState {
  return {
    client_id: client,
    name: me.name,
    colour: me.colour,
    last_id: lastId,
    server_time_ms: Math.floor(wallMs),
    rights,
  };
}

/** A user as a new reader is told, who has a replica or has not. `document` is the text, where it is open. */
export function userState(participant: Participant, kind: ReaderKind, document?: Document): UserState {
  const { id, name, colour, idle, status, state, cursor } = participant;
  return { user_id: id, name, colour, idle, status, state, ...(cursor && told(cursor, kind, document)) };
}

/** What is new of a user, as readers of that kind are told. */
export function userChange(change: ParticipantChange, kind: ReaderKind, document: Document): UserChange {
  const { id, name, status, state, cursor } = change;
  return {
    user_id: id,
    ...(name !== undefined && { name }),
    ...(status && { status }),
    ...(state && { state }),
    ...(cursor === null && (kind === "json" ? { cursor } : { selection: cursor })),
    ...(cursor && told(cursor, kind, document)),
  };
}

/** To replicas in anchors, to others in lines and columns of the text as it is now. */
function told({ anchors, ...place }: Cursor, kind: ReaderKind, document: Document | undefined) {
  if (kind === "json") return { cursor: (document && anchors && placedIn(document, anchors)) ?? place };
  return anchors && { selection: anchors };
}

/** That a user has come with their first connection, or has gone with their last. */
export function userMessage(
  type: UserMessage["type"],
  doc_id: string,
  { id, name, colour }: Participant,
): UserMessage {
  return { type, user_id: id, doc_id, name, colour };
}

/** What a commit did, as everyone but its sender is told. */
export function changesMessage(doc_id: string, commit: Commit): ChangesMessage<Operation> {
  const changes = commit.change.operations();
  return { type: "changes", user_id: commit.user, doc_id, version: commit.version, changes };
}

/** What a commit did, as its sender is told. */
export function ackMessage(
  doc_id: string,
  { change, user, version, message }: Commit,
): AckMessage<Operation> {
  const id = message && { id: message.id };
  return { type: "ack", user_id: user, doc_id, ...id, version, changes: change.operations() };
}

/** That a message was taken in before. It has no place in the stream; `version` is for information. */
export function duplicateAck(
  doc_id: string,
  user_id: string,
  id: number,
  version: number,
): AckMessage<Operation> {
  return { type: "ack", user_id, doc_id, id, version, changes: [], duplicate: true };
}

/** What is new of the users of a document; at least one. */
export function presenceMessage(doc_id: string, users: readonly UserChange[]): PresenceMessage {
  return { type: "presence_update", user_id: users[0]!.user_id, doc_id, users };
}

/** Something of an application's own, with its sender as the server knows them. */
export function broadcastRelay(
  doc_id: string,
  { user, name }: Member,
  { payload }: BroadcastMessage,
): BroadcastRelay {
  return { type: "broadcast", user_id: user, doc_id, name, payload };
}

/** The server's sign of life. */
export function heartbeatReply(doc_id: string, user_id: string, wallMs: number): HeartbeatReply {
  return { type: "heartbeat", user_id, doc_id, server_time_ms: Math.floor(wallMs) };
}

/** That a session's token runs out, and when. */
export function refreshRequest(doc_id: string, user_id: string, expiresInMs: number): RefreshRequest {
  return { type: "refresh", user_id, doc_id, expires_in_ms: Math.floor(expiresInMs) };
}

/** What a user may do from now on. */
export function rightsMessage(doc_id: string, user_id: string, rights: Rights): RightsMessage {
  return { type: "rights", user_id, doc_id, rights };
}

/** Names of the error classes whose code and sentence are meant for the peer. */
const OURS: ReadonlySet<string> = new Set([
  "CrdtError",
  "DocumentError",
  "PresenceError",
  "ServerError",
  "TransportError",
]);

/** What every package's refusals have in common. */
export interface Refusal extends Error {
  readonly code: string;
  /** What the sender recognises its message by. */
  readonly inReplyTo?: number | string | undefined;
  /** The first operation that was refused. */
  readonly operation?: ItemId | undefined;
}

/** An error that one of our packages raised on purpose. By name, as two copies of a package may be loaded. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && OURS.has(error.name) && typeof Reflect.get(error, "code") === "string";
}

/** Whether the document was lost under its readers: what they sent is not refused, they have to join again. */
export function mustRejoin({ code }: Refusal): boolean {
  return code === "NOT_SAVED";
}

/**
 * The answer to a message that was refused. Anything but a refusal is a defect of ours: the peer learns nothing of it but
 * that it happened, as its text may tell of paths and of other people's data.
 */
export function errorMessage(
  doc_id: string,
  user_id: string,
  error: unknown,
  repliesTo?: number | string,
): ErrorMessage {
  const known = isRefusal(error);
  const { code, message } = known
    ? error
    : { code: "INTERNAL", message: "the server failed; nothing was changed" };
  const in_reply_to = repliesTo ?? (known ? error.inReplyTo : undefined);
  const operation = known ? error.operation : undefined;
  return {
    type: "error",
    user_id,
    doc_id,
    code,
    message,
    ...(in_reply_to !== undefined && { in_reply_to }),
    ...operation, // Of an update: the replica and the first seq.
  };
}
