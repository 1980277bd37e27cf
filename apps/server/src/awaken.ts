import type { PresenceTracker } from "@motet/presence";
import type { Effect, Sender } from "./message-handler.js";
import { presenceMessage } from "./server-messages.js";

/** The sender did something. Who was idle until now is not any more, and the others are told. */
export function awaken(
  presence: PresenceTracker,
  { key, member, documentId }: Sender,
  monotonicMs: number,
): readonly Effect[] {
  const wasIdle = presence.participant(key, member.user)?.idle === true;
  const me = presence.touch(key, member.user, monotonicMs);
  return wasIdle ? [{ to: "others", when: "now", message: presenceMessage(documentId, me) }] : [];
}
