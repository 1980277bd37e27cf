import { documentId, documentKey, isDocumentId, isUserId, type TenantId, type UserId } from "@motet/document";
import type { Context, MiddlewareHandler } from "hono";
import { type Admitted, type Authenticator, admit } from "../authenticator.js";
import { ServerError } from "../errors.js";

/** What a request is looked at with. */
export interface AdmissionOptions {
  readonly authenticator: Authenticator;
  readonly tenant: TenantId;
}

/** What {@link admission} leaves for those behind it. */
export interface Caller {
  Variables: { admitted: Admitted };
}

/**
 * Lets through who may read the document called `:id`, or write it for every other method than GET. The token stands
 * behind `Authorization: Bearer`, never in the address, which is written to logs.
 */
export function admission({ authenticator, tenant }: AdmissionOptions): MiddlewareHandler<Caller> {
  return async (context, next) => {
    const id = context.req.param("id") ?? "";
    if (!isDocumentId(id)) throw new ServerError("NOT_FOUND", "no document has such an id");
    const user = context.req.query("user_id");
    if (user !== undefined && !isUserId(user)) throw noCaller();
    const needed = ["GET", "HEAD"].includes(context.req.method) ? "read" : "write";
    const key = documentKey(tenant, documentId(id));
    context.set("admitted", await admit(authenticator, { user, token: tokenOf(context) }, key, needed));
    await next();
  };
}

/**
 * On whose behalf a request changes a document: the token's user; without authentication whom `user_id` names.
 * @throws {ServerError} `BAD_REQUEST` when the request says neither.
 */
export function callerOf(context: Context<Caller>): UserId {
  const isNamed = context.req.query("user_id") !== undefined || tokenOf(context) !== undefined;
  if (!isNamed) throw noCaller();
  return context.get("admitted").user;
}

function tokenOf(context: Context): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
}

function noCaller(): ServerError {
  return new ServerError("BAD_REQUEST", "user_id: 1 to 128 characters of [A-Za-z0-9_-] are needed");
}
