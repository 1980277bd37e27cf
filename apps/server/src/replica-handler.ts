import { type ItemId, type OperationRange, replicaId, Update } from "@motet/crdt-core";
import type { Commit, OpenDocument } from "@motet/document";
import { decodeReplicaClientFrame } from "@motet/transport";
import { ServerError } from "./errors.js";
import type { Effect, Moment, Sender } from "./message-handler.js";
import type { Reached, ReplicaOrigin } from "./origin.js";
import type { PresenceDesk } from "./presence-desk.js";
import type { RefusedReplicas } from "./refused-replicas.js";
import { mustBeAllowedAll } from "./rights.js";
import { errorMessage, isRefusal, mustRejoin } from "./server-messages.js";
import { mustFit, type UpdateBounds } from "./update-bounds.js";

const NOTHING: readonly Effect[] = [];

/**
 * Takes what replicas send in binary to their document. Frames go in, effects come out, as in `MessageHandler`; of what
 * is accepted the sender hears from the document, once it is durable.
 */
export class ReplicaHandler {
  readonly #desk: PresenceDesk;
  readonly #bounds: UpdateBounds;

  constructor(desk: PresenceDesk, bounds: UpdateBounds) {
    this.#desk = desk;
    this.#bounds = bounds;
  }

  /**
   * What follows from a frame. An update that is refused has no effect but an answer, which names the replica and its
   * first refused operation.
   * @throws what is wrong with the frame itself; a defect; and `NOT_SAVED` when the document has to be joined again.
   */
  handle(sender: Sender, bytes: Uint8Array, refused: RefusedReplicas, moment: Moment): readonly Effect[] {
    if (sender.member.replica === undefined) {
      throw new ServerError("TEXT_ONLY", "a JSON client's messages are text frames");
    }
    const frame = decodeReplicaClientFrame(bytes, this.#bounds);
    if (frame.kind === "vector") {
      throw new ServerError("ALREADY_JOINED", "the vector was sent before", { inReplyTo: "vector" });
    }
    const update = readable(frame.update);
    if (!(update instanceof Update)) return [refusal(sender, update, nextOf(sender), refused)];
    const origin: ReplicaOrigin = { connection: sender.connection, reached: [] };
    try {
      mustBeAllowedAll(sender.member.rights);
      refused.check(update.ranges);
      mustFit(update, sender.open.document, this.#bounds);
      const commit = sender.open.receive(update, {
        user: sender.member.user,
        nowMs: moment.wallMs,
        heardMs: moment.monotonicMs,
        origin,
      });
      origin.reached = reachedBy(update.ranges, commit, sender.open);
    } catch (error) {
      if (!isRefusal(error) || mustRejoin(error)) throw error;
      return [refusal(sender, error, error.operation ?? firstNew(update.ranges, sender.open), refused)];
    }
    this.#desk.touch(sender, moment.monotonicMs);
    return NOTHING;
  }
}

/** The update, or why it is none. */
function readable(bytes: Uint8Array): Update | Error {
  try {
    return Update.decode(bytes); // A copy: what a socket hands out is a view of its read buffer.
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function refusal(sender: Sender, error: Error, operation: ItemId, refused: RefusedReplicas): Effect {
  refused.add(operation);
  const { documentId, member } = sender;
  const message = { ...errorMessage(documentId, member.user, error, "update"), ...operation };
  return { to: "sender", when: "now", message };
}

/** How far each replica of an update is now known. */
function reachedBy(
  ranges: readonly OperationRange[],
  { change }: Commit,
  { document }: OpenDocument,
): readonly Reached[] {
  const { applied } = change;
  const isAll = applied.length === ranges.length;
  if (isAll && ranges.every(({ replica }) => applied.some((range) => range.replica === replica)))
    return applied;
  // Something was known before, waits for other operations, or others' had waited for it.
  const version = document.version;
  return ranges.map(({ replica }) => ({ replica, to: version.get(replica) }));
}

/** Which operation to name when only the whole was found wrong. */
function firstNew(ranges: readonly OperationRange[], { document }: OpenDocument): ItemId {
  const version = document.version;
  const { replica, from } = ranges.find(({ replica, to }) => to > version.get(replica)) ?? ranges[0]!;
  return { replica, seq: Math.max(from, version.get(replica) + 1) };
}

/** Which operation to name when nothing could be read: the next of the connection's own replica. */
function nextOf({ member, open }: Sender): ItemId {
  const replica = replicaId(member.replica!.id);
  return { replica, seq: open.document.version.get(replica) + 1 };
}
