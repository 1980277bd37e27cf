import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { tenantUser } from "../reception.js";
import type { Unread } from "../unread.js";
import type { Caller } from "./caller.js";

/** What answers are watched with until they are read. */
export interface ReadingOptions {
  readonly unread: Unread;
  /** Bytes that wait for a reader, of what is no large answer. */
  readonly outboxBytesMax: number;
}

/** Notes who has yet to read a large answer, of which its route says the size. @throws {ServerError} `TOO_BUSY` for who has too many of them. */
export function reading({ unread, outboxBytesMax }: ReadingOptions): MiddlewareHandler<Caller> {
  return async (context, next) => {
    const { tenant, user: id } = context.get("known");
    const user = tenantUser(tenant, id);
    unread.mustHaveRoom(user);
    await next();
    const { outgoing } = context.env as HttpBindings;
    const bytes = context.get("answerBytes") ?? 0;
    if (bytes <= outboxBytesMax || outgoing.destroyed) return;
    unread.add(outgoing, { user, kept: outgoing, bytes, cut: () => outgoing.destroy() });
    outgoing.once("close", () => unread.remove(outgoing));
  };
}

/** Answers with JSON that may be large. */
export function jsonAnswer(context: Context<Caller>, value: unknown): Response {
  const text = JSON.stringify(value);
  context.set("answerBytes", text.length);
  return context.body(text, 200, { "content-type": "application/json" });
}
