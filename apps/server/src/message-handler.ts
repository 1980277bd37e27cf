import type { ChangeContext, OpenDocument, Operation } from "@motet/document";
import type { Tab } from "@motet/presence";
import {
  type ClientMessage,
  type OperationMessage,
  operationOf,
  type RefreshMessage,
  type ServerMessage,
} from "@motet/transport";
import { ServerError } from "./errors.js";
import type { PresenceDesk } from "./presence-desk.js";
import { mustBeAllowed } from "./rights.js";
import { broadcastRelay, duplicateAck, errorMessage, heartbeatReply, isRefusal } from "./server-messages.js";
import type { Member } from "./session.js";
import { unreachable } from "./unreachable.js";

/** What is to be sent because of a message. Edits are not among it: they come back from the document once durable. */
export interface Effect {
  /** The sender's connection, or every other one of the document. */
  readonly to: "sender" | "others";
  /** At once, or once everything applied so far is durable, in order with the commits. */
  readonly when: "now" | "durable";
  readonly message: ServerMessage<Operation>;
}

/** Who sent a message, and to what. */
export interface Sender {
  readonly connection: string;
  readonly member: Member;
  /** How presence knows the connection. */
  readonly tab: Tab;
  /** The document's id, as messages name it. */
  readonly documentId: string;
  readonly open: OpenDocument;
}

/** The two times of a moment; see `Clock`. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** What a handler takes: everything that concerns the document or who is in it. */
export type HandledMessage = Exclude<ClientMessage<Operation>, RefreshMessage>;

/** What a handler works with. */
export interface MessageHandlerOptions {
  /** @internal */
  readonly desk: PresenceDesk;
  /** Hears of errors that no package raised on purpose. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * Routes what joined clients send: operations to the document, cursors and states to presence. Messages go in,
 * effects come out; it owns no socket and no timer, and never throws: a refusal is an effect like any other.
 */
export class MessageHandler {
  readonly #desk: PresenceDesk;
  readonly #onDefect: (error: unknown) => void;

  constructor({ desk, onDefect }: MessageHandlerOptions) {
    this.#desk = desk;
    this.#onDefect = onDefect;
  }

  /** What follows from `message`. The document and presence have already changed when it returns. */
  handle(sender: Sender, message: HandledMessage, moment: Moment): readonly Effect[] {
    try {
      checkSender(sender, message);
      return this.#route(sender, message, moment);
    } catch (error) {
      if (!isRefusal(error)) this.#onDefect(error);
      const { documentId, member } = sender;
      return [reply(errorMessage(documentId, member.user, error, recognisable(message)))];
    }
  }

  #route(sender: Sender, message: HandledMessage, moment: Moment): readonly Effect[] {
    switch (message.type) {
      case "insert":
      case "delete":
      case "set_title":
      case "increment_counter":
      case "set_field":
        return this.#edit(sender, message, moment);
      case "cursor_move":
        this.#desk.move(sender, message, moment.monotonicMs);
        return [];
      case "selection":
        this.#desk.select(sender, message, moment.monotonicMs);
        return [];
      case "presence_update":
        this.#desk.say(sender, message, moment.monotonicMs);
        return [];
      case "heartbeat":
        return [reply(heartbeatReply(sender.documentId, sender.member.user, moment.wallMs))];
      case "broadcast":
        return [
          { to: "others", when: "now", message: broadcastRelay(sender.documentId, sender.member, message) },
        ];
      case "join":
        throw new ServerError(
          "ALREADY_JOINED",
          "this connection has joined; open another for another document",
        );
      default:
        return unreachable(message);
    }
  }

  #edit(sender: Sender, message: OperationMessage<Operation>, moment: Moment): readonly Effect[] {
    const { open, member, documentId } = sender;
    if (member.replica !== undefined) {
      throw new ServerError("BINARY_ONLY", "a replica's operations travel in update frames");
    }
    mustBeAllowed(member.rights, message.type);
    const outcome = open.apply(operationOf(message), changeContext(sender, message, moment));
    this.#desk.touch(sender, moment.monotonicMs);
    if (!("duplicate" in outcome)) return [];
    const again = duplicateAck(documentId, member.user, outcome.message.id, open.document.versionNumber);
    return [{ to: "sender", when: "durable", message: again }];
  }
}

/** Identity comes from the session. A message that names another is refused, not corrected. */
function checkSender({ member, documentId }: Sender, { user_id, doc_id }: ClientMessage<Operation>): void {
  if (user_id !== member.user) throw new ServerError("WRONG_USER", "this connection belongs to another user");
  if (doc_id !== documentId)
    throw new ServerError("WRONG_DOCUMENT", "this connection edits another document");
}

function changeContext(
  { connection, member }: Sender,
  { id, version }: OperationMessage<Operation>,
  { wallMs, monotonicMs }: Moment,
): ChangeContext {
  const { user, client } = member;
  return {
    user,
    nowMs: wallMs,
    heardMs: monotonicMs,
    origin: connection,
    client,
    ...(version !== undefined && { view: { version, client } }),
    ...(id !== undefined && { message: { client, id } }),
  };
}

function recognisable(message: ClientMessage<Operation>): number | string {
  return "id" in message && message.id !== undefined ? message.id : message.type;
}

function reply(message: ServerMessage<Operation>): Effect {
  return { to: "sender", when: "now", message };
}
