import type { ReplicaId } from "@motet/crdt-core";
import * as v from "valibot";
import type { MessageLimits } from "./limits.js";
import type {
  AnyOperation,
  ClientMessage,
  ControlMessage,
  FieldValue,
  PresenceState,
  ReplicaMessage,
  ServerMessage,
  SessionMessage,
  SessionState,
  StateMessage,
  UserChange,
  UserState,
} from "./message.js";
import { isSafeJson } from "./safe-json.js";

/** A schema as the codec holds it: anything in, `T` out. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/**
 * The operations a codec carries: for each `type` the valibot schema of the operation's own fields, with or without
 * its `type`. Limits on text and numbers are the schema's; it must refuse what the document would not survive.
 */
export type OperationSchemas<O extends AnyOperation> = {
  readonly [T in O["type"]]: Schema<Omit<Extract<O, { type: T }>, "type">>;
};

/** Message type to schema. A map, so that `constructor` and `__proto__` are unknown types like any other. */
export type SchemaTable<M> = ReadonlyMap<string, Schema<M>>;

const isNotNegativeZero = (value: number): boolean => !Object.is(value, -0);

const natural = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.check(isNotNegativeZero, "must not be -0"),
);
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const integer = v.pipe(v.number(), v.safeInteger(), v.check(isNotNegativeZero));

const fieldValue = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/, "must be 1 to 128 of A-Z a-z 0-9 _ -"));
const keyOrNone = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{0,128}$/, "must be 0 to 128 of A-Z a-z 0-9 _ -"),
);
const clientId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 _ -"));
const status = v.picklist(["active", "idle", "away"]);
const colour = v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/));
const rights = v.picklist(["read", "write", "admin"]);
const secret = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,64}$/, "must be 22 to 64 of A-Z a-z 0-9 _ -"));
const replicaInstance = v.object({ id: clientId, secret });
const lineColumn = { line: natural, column: natural };
const cursor = { ...lineColumn, from: v.exactOptional(v.object(lineColumn)) };
// A replica's id has the shape of a client's; past this check it is one.
const replica = clientId as unknown as Schema<ReplicaId>;
const element = v.nullable(v.object({ replica, seq: positive }));
const anchor = v.object({ element, side: v.picklist(["left", "right"]) });
const anchored = { head: anchor, from: v.exactOptional(anchor) };

const addressed = { user_id: key, doc_id: key };
const sent = { id: v.exactOptional(positive), version: v.exactOptional(natural) };

/** A name as people read it: not empty, no control characters, no lone surrogates. Nothing else is changed or escaped. */
function name(lengthMax: number) {
  const readable = v.regex(/^[^\p{Cc}\p{Cs}]+$/u, "must not be empty or hold control characters");
  return v.pipe(v.string(), v.maxLength(lengthMax), readable);
}

function presenceState(bytesMax: number): Schema<PresenceState> {
  const object = v.custom<PresenceState>(isRecord, "must be an object");
  return v.pipe(
    object,
    v.check((state) => isSafeJson(state, bytesMax), `must be plain JSON of at most ${bytesMax} bytes`),
  );
}

/** What an application sends of its own. A value that is absent is missing, not `null`. */
function payload(bytesMax: number): Schema<unknown> {
  const present = v.custom<unknown>((value) => value !== undefined, "must be JSON");
  return v.pipe(
    present,
    v.check((value) => isSafeJson(value, bytesMax), `must be plain JSON of at most ${bytesMax} bytes`),
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Schemas of everything a client may send. */
export function clientSchemas<O extends AnyOperation>(
  operations: OperationSchemas<O>,
  limits: MessageLimits,
): SchemaTable<ClientMessage<O>> {
  const table = new Map<string, Schema<ClientMessage<O>>>(controlSchemas(limits));
  for (const [type, fields] of entriesOf(operations)) {
    const envelope = v.object({ type: v.literal(type), ...addressed, ...sent });
    // The intersection of an operation's fields with its envelope is what OperationMessage<O> is for this type.
    table.set(type, v.intersect([envelope, fields]) as unknown as Schema<ClientMessage<O>>);
  }
  return table;
}

function controlSchemas(limits: MessageLimits): readonly (readonly [string, Schema<ControlMessage>])[] {
  const join = v.object({
    type: v.literal("join"),
    ...addressed,
    user_id: keyOrNone,
    token: v.exactOptional(v.string()),
    client_id: v.exactOptional(clientId),
    name: v.exactOptional(name(limits.nameLengthMax)),
    protocol: v.exactOptional(positive),
    replica: v.exactOptional(replicaInstance),
  });
  const cursorMove = v.object({ type: v.literal("cursor_move"), ...addressed, ...cursor });
  const selection = v.object({
    type: v.literal("selection"),
    ...addressed,
    head: v.exactOptional(anchor),
    from: v.exactOptional(anchor),
  });
  const presenceUpdate = v.object({
    type: v.literal("presence_update"),
    ...addressed,
    status: v.exactOptional(status),
    state: v.exactOptional(presenceState(limits.stateBytesMax)),
  });
  const heartbeat = v.object({ type: v.literal("heartbeat"), ...addressed });
  const broadcast = v.object({
    type: v.literal("broadcast"),
    ...addressed,
    payload: payload(limits.payloadBytesMax),
  });
  const refresh = v.object({ type: v.literal("refresh"), ...addressed, token: v.string() });
  return [
    ["join", join],
    ["refresh", refresh],
    ["cursor_move", cursorMove],
    ["selection", selection],
    ["presence_update", presenceUpdate],
    ["heartbeat", heartbeat],
    ["broadcast", broadcast],
  ];
}

/** Schemas of everything a server may send. */
export function serverSchemas<O extends AnyOperation>(
  operations: OperationSchemas<O>,
  limits: MessageLimits,
): SchemaTable<ServerMessage<O>> {
  return new Map<string, Schema<ServerMessage<O>>>([
    ["state", stateSchema(limits)],
    ...streamSchemas(operations),
    ...replicaSchemas(limits),
  ]);
}

/** Schemas of everything a server may send to a replica: all but what tells of the document. */
export function replicaSchemas(limits: MessageLimits): SchemaTable<ReplicaMessage> {
  return new Map<string, Schema<ReplicaMessage>>([
    ["session", sessionSchema(limits)],
    ...presenceSchemas(limits),
    ["refresh", v.object({ type: v.literal("refresh"), ...addressed, expires_in_ms: natural })],
    ["rights", v.object({ type: v.literal("rights"), ...addressed, rights })],
    ["error", errorSchema()],
  ]);
}

function streamSchemas<O extends AnyOperation>(
  operations: OperationSchemas<O>,
): readonly (readonly [string, Schema<ServerMessage<O>>])[] {
  const list = v.array(operationSchema(operations));
  const changes = v.object({ type: v.literal("changes"), ...addressed, version: natural, changes: list });
  const ack = v.object({
    type: v.literal("ack"),
    ...addressed,
    id: v.exactOptional(positive),
    version: natural,
    changes: list,
    duplicate: v.exactOptional(v.literal(true)),
  });
  return [
    ["changes", changes],
    ["ack", ack],
  ];
}

function presenceSchemas(limits: MessageLimits): readonly (readonly [string, Schema<ReplicaMessage>])[] {
  const person = { name: v.string(), colour };
  const joined = v.object({ type: v.picklist(["user_joined", "user_left"]), ...addressed, ...person });
  const presenceUpdate = v.object({
    type: v.literal("presence_update"),
    ...addressed,
    users: v.array(userChange(limits)),
  });
  const heartbeat = v.object({ type: v.literal("heartbeat"), ...addressed, server_time_ms: natural });
  const broadcast = v.object({
    type: v.literal("broadcast"),
    ...addressed,
    name: v.string(),
    payload: payload(limits.payloadBytesMax),
  });
  return [
    ["user_joined", joined],
    ["user_left", joined],
    ["presence_update", presenceUpdate],
    ["heartbeat", heartbeat],
    ["broadcast", broadcast],
  ];
}

function sessionSchema(limits: MessageLimits): Schema<SessionMessage> {
  return v.object({ type: v.literal("session"), ...addressed, protocol: positive, ...beginning(limits) });
}

/** What a joiner of either kind is told besides the document. */
function beginning(limits: MessageLimits) {
  return { session: sessionState(), users: v.array(userState(limits)) };
}

function userState(limits: MessageLimits): Schema<UserState> {
  return v.object({
    user_id: key,
    name: v.string(),
    colour,
    idle: v.boolean(),
    cursor: v.exactOptional(v.object(cursor)),
    selection: v.exactOptional(v.object(anchored)),
    status: v.exactOptional(status),
    state: v.exactOptional(presenceState(limits.stateBytesMax)),
  });
}

function userChange(limits: MessageLimits): Schema<UserChange> {
  return v.object({
    user_id: key,
    name: v.exactOptional(v.string()),
    status: v.exactOptional(status),
    state: v.exactOptional(presenceState(limits.stateBytesMax)),
    cursor: v.exactOptional(v.nullable(v.object(cursor))),
    selection: v.exactOptional(v.nullable(v.object(anchored))),
  });
}

function sessionState(): Schema<SessionState> {
  return v.object({
    client_id: clientId,
    name: v.string(),
    colour,
    last_id: natural,
    server_time_ms: natural,
    rights: v.exactOptional(rights),
  });
}

function stateSchema(limits: MessageLimits): Schema<StateMessage> {
  return v.object({
    type: v.literal("state"),
    ...addressed,
    version: natural,
    text: v.string(),
    title: v.string(),
    counters: v.custom<Readonly<Record<string, number>>>(mapsTo(integer), "must map names to integers"),
    fields: v.custom<Readonly<Record<string, FieldValue>>>(
      mapsTo(fieldValue),
      "must map names to strings, numbers or booleans",
    ),
    ...beginning(limits),
  });
}

// Not v.record, which drops what someone has called "constructor".
function mapsTo(schema: Schema<unknown>): (value: unknown) => boolean {
  return (value) => isRecord(value) && Object.values(value as object).every((one) => v.is(schema, one));
}

function errorSchema() {
  return v.object({
    type: v.literal("error"),
    user_id: keyOrNone,
    doc_id: key,
    code: v.string(),
    message: v.string(),
    in_reply_to: v.exactOptional(v.union([v.number(), v.string()])),
    replica: v.exactOptional(clientId),
    seq: v.exactOptional(positive),
  });
}

/** One operation inside `changes`: its `type` chooses the schema of its fields. */
function operationSchema<O extends AnyOperation>(operations: OperationSchemas<O>): Schema<O> {
  const table = new Map(
    entriesOf(operations).map(([type, fields]) => {
      const operation = v.intersect([v.object({ type: v.literal(type) }), fields]);
      return [type, operation as unknown as Schema<O>] as const;
    }),
  );
  const anyKnown = v.object({ type: v.picklist([...table.keys()]) }) as unknown as Schema<O>;
  return v.lazy((input) => table.get(typeOf(input)) ?? anyKnown);
}

function typeOf(input: unknown): string {
  const type = isRecord(input) ? (input as { type?: unknown }).type : undefined;
  return typeof type === "string" ? type : "";
}

function entriesOf<O extends AnyOperation>(operations: OperationSchemas<O>): [string, Schema<object>][] {
  return Object.entries<Schema<object>>(operations);
}
