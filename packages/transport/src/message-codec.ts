import * as v from "valibot";
import { TransportError, type TransportErrorCode } from "./errors.js";
import { defaultLimits, type MessageLimits } from "./limits.js";
import type {
  AnyOperation,
  ClientMessage,
  JoinMessage,
  OperationMessage,
  ReplicaMessage,
  ServerMessage,
} from "./message.js";
import {
  clientSchemas,
  type OperationSchemas,
  replicaSchemas,
  type SchemaTable,
  serverSchemas,
} from "./message-schema.js";
import { replicaProtocol } from "./replica-frames.js";
import { utf8Length } from "./safe-json.js";

/** What a codec is made of. */
export interface MessageCodecOptions<O extends AnyOperation> {
  /** The operations that may travel; the package that gives them their meaning owns the schemas. */
  readonly operations: OperationSchemas<O>;
  readonly limits?: Partial<MessageLimits>;
}

/**
 * The only place where text becomes messages. What comes out is typed and trusted; fields that the grammar does not
 * name are left out of it, and of a key that occurs twice the last one counts.
 *
 * Every `parse` throws a `TransportError` and has no other effect: `TOO_LARGE`, `NOT_JSON`, `NOT_AN_OBJECT`,
 * `MISSING_FIELD`, `WRONG_TYPE`, `OUT_OF_RANGE` or `UNKNOWN_TYPE`. Cost: O(length), JSON parsed once.
 */
export class MessageCodec<O extends AnyOperation> {
  /** By message type, what a client may send: for documentation and generated JSON Schema. */
  readonly clientSchemas: SchemaTable<ClientMessage<O>>;
  /** By message type, what a server may send. */
  readonly serverSchemas: SchemaTable<ServerMessage<O>>;
  readonly #limits: MessageLimits;

  constructor(options: MessageCodecOptions<O>) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.clientSchemas = clientSchemas(options.operations, this.#limits);
    this.serverSchemas = serverSchemas(options.operations, this.#limits);
  }

  /**
   * The first message of a connection, which must be `join` and at most `joinBytesMax` long.
   * @throws {TransportError} `NOT_JOINED` for another message, `UNSUPPORTED_PROTOCOL` for a version that is not
   * spoken here, and as above.
   */
  parseFirstMessage(text: string): JoinMessage {
    const message = parse(text, this.#limits.joinBytesMax, this.clientSchemas);
    if (!isJoin(message)) throw refusal("NOT_JOINED", "the first message must be join", message);
    if ((message.protocol ?? replicaProtocol) === replicaProtocol) return message;
    throw refusal("UNSUPPORTED_PROTOCOL", `only protocol ${replicaProtocol} is spoken here`, message);
  }

  /** A message that a client sent. @throws {TransportError} as above. */
  parseClientMessage(text: string): ClientMessage<O> {
    return parse(text, this.#limits.messageBytesMax, this.clientSchemas);
  }

  /** A message that a server sent. @throws {TransportError} as above. */
  parseServerMessage(text: string): ServerMessage<O> {
    return parse(text, this.#limits.serverMessageBytesMax, this.serverSchemas);
  }
}

/**
 * A replica's ear for JSON: what a server tells of everything but the document. It knows no operations, and is small.
 * `parse` throws as those of `MessageCodec` do.
 */
export class ReplicaMessageCodec {
  readonly #bytesMax: number;
  readonly #schemas: SchemaTable<ReplicaMessage>;

  constructor(limits: Partial<MessageLimits> = {}) {
    const all = { ...defaultLimits, ...limits };
    this.#bytesMax = all.serverMessageBytesMax;
    this.#schemas = replicaSchemas(all);
  }

  /** A message that a server sent to a replica. @throws {TransportError} as above. */
  parse(text: string): ReplicaMessage {
    return parse(text, this.#bytesMax, this.#schemas);
  }
}

/** `message` as it goes over the wire. */
export function encodeClientMessage<O extends AnyOperation>(message: ClientMessage<O>): string {
  return JSON.stringify(message);
}

/** `message` as it goes over the wire. */
export function encodeServerMessage<O extends AnyOperation>(message: ServerMessage<O>): string {
  return JSON.stringify(message);
}

/** The operation inside a message, without its envelope. */
export function operationOf<O extends AnyOperation>(message: OperationMessage<O>): O {
  const { user_id: _user, doc_id: _document, id: _id, version: _version, ...operation } = message;
  // What is left of an operation and its envelope without the envelope; the compiler cannot subtract generically.
  return operation as unknown as O;
}

function isJoin(message: AnyOperation): message is JoinMessage {
  return message.type === "join";
}

const envelope = v.object({ type: v.string(), user_id: v.string(), doc_id: v.string() });

function parse<M>(text: string, bytesMax: number, table: SchemaTable<M>): M {
  if (!fits(text, bytesMax)) {
    throw new TransportError("TOO_LARGE", `the message is larger than ${bytesMax} bytes`);
  }
  const input = parseObject(text);
  const schema = table.get((input as { readonly type: string }).type); // There is none for what is no string.
  const message = validate<unknown>(schema ?? envelope, input);
  if (schema === undefined) throw refusal("UNKNOWN_TYPE", "there is no message of this type here", input);
  return message as M;
}

function fits(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return false;
  return text.length * 3 <= bytesMax || utf8Length(text) <= bytesMax;
}

function parseObject(text: string): object {
  const value = parseJson(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TransportError("NOT_AN_OBJECT", "a message is a JSON object");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransportError("NOT_JSON", "the message is not JSON", { cause });
  }
}

function validate<T>(schema: v.GenericSchema<unknown, T>, input: object): T {
  const result = v.safeParse(schema, input, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw refusal(codeOf(issue), sentenceOf(issue), input);
}

function codeOf(issue: v.BaseIssue<unknown>): TransportErrorCode {
  if (issue.kind !== "schema") return "OUT_OF_RANGE";
  return issue.received === "undefined" ? "MISSING_FIELD" : "WRONG_TYPE";
}

// Built from what was expected, never from what was received: an answer does not echo a stranger's megabyte.
function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? "the message";
  if (codeOf(issue) === "MISSING_FIELD") return `${field} is missing`;
  if (!issue.message.startsWith("Invalid ")) return `${field}: ${issue.message}`; // A schema's own sentence.
  return `${field}: expected ${issue.expected ?? issue.type.replaceAll("_", " ")}`;
}

function refusal(code: TransportErrorCode, sentence: string, input: object): TransportError {
  const inReplyTo = recognisable(input);
  return new TransportError(code, sentence, inReplyTo === undefined ? {} : { inReplyTo });
}

function recognisable(input: {
  readonly id?: unknown;
  readonly type?: unknown;
}): number | string | undefined {
  if (Number.isSafeInteger(input.id)) return input.id as number;
  return typeof input.type === "string" && input.type.length <= 64 ? input.type : undefined;
}
