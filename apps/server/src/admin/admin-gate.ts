import { createHash, timingSafeEqual } from "node:crypto";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { ServerError } from "../errors.js";

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Headers by which a proxy says for whom it asks. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * Lets administrators of the server through: whoever shows the token; where there is none, whoever asks on this machine, under one of its own
 * names (a page elsewhere cannot make a browser do that) and for nobody else. To all others there is nothing here.
 */
export function adminGate(token: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    if (token === undefined && !isLocal(context)) {
      throw new ServerError("NOT_FOUND", "there is nothing at this address");
    }
    if (token !== undefined && !isSame(token, context)) {
      throw new ServerError("UNAUTHENTICATED", "the token of the administrator is needed");
    }
    await next();
  };
}

function isLocal(context: Context): boolean {
  const { address = "" } = getConnInfo(context).remote;
  const host = context.req.header("host") ?? "";
  const isForwarded = FORWARDED.some((name) => context.req.header(name) !== undefined);
  return LOOPBACK_ADDRESS.test(address) && LOOPBACK_HOST.test(host) && !isForwarded;
}

/** Digests are of one length, and how long it takes to compare them says nothing about the token. */
function isSame(token: string, context: Context): boolean {
  const [, shown = ""] = /^Bearer ([\x21-\x7e]+)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  const [left, right] = [token, shown].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(left!, right!);
}
