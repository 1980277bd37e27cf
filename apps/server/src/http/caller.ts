import {
  type DocumentKey,
  documentId,
  documentKey,
  isDocumentId,
  isUserId,
  type UserId,
} from "@motet/document";
import type { Context, MiddlewareHandler } from "hono";
import type { Clock } from "../clock.js";
import { ServerError } from "../errors.js";
import { askedEvenly } from "../even-refusal.js";
import { forbidden, type Known, type Reception, rightsOf } from "../reception.js";
import { allows, type Granted } from "../rights.js";
import type { Traced } from "./base-app.js";
import type { DocumentAccess } from "./document-access.js";

/** What a request is looked at with. */
export interface IdentificationOptions {
  readonly reception: Reception;
}

/** What {@link identification} leaves for those behind it, and they for those before it: the size of a large answer. */
export interface Caller {
  Variables: { known: Known; answerBytes?: number } & Traced["Variables"];
}

/**
 * Finds out who asks. The token stands behind `Authorization: Bearer`, never in the address, which is written to logs.
 * @throws {ServerError} `UNAUTHENTICATED`, `WRONG_USER` when they say they are somebody else, `AUTH_UNAVAILABLE`.
 */
export function identification({ reception }: IdentificationOptions): MiddlewareHandler<Caller> {
  return async (context, next) => {
    const user = context.req.query("user_id");
    if (user !== undefined && !isUserId(user)) throw noCaller();
    const id = context.req.param("id");
    const document = isDocumentId(id) ? { document: id } : {};
    context.set("known", await reception.identify({ user, token: tokenOf(context), ...document }));
    await next();
  };
}

/** The document called `:id`, among those of all tenants. @throws {ServerError} `NOT_FOUND` for what is no document's id. */
export function keyOf(context: Context<Caller>): DocumentKey {
  const id = context.req.param("id") ?? "";
  if (!isDocumentId(id)) throw new ServerError("NOT_FOUND", "no document has such an id");
  return documentKey(context.get("known").tenant, documentId(id));
}

/**
 * Has `work` done for who may do with a document what needs `right`. The document stays in memory meanwhile, so that it is read once.
 * Says nothing of whether there is such a document.
 * @throws {ServerError} `FORBIDDEN`, and as {@link keyOf}.
 */
export async function whileGranted<T>(grantee: Grantee, work: () => Promise<T>): Promise<T> {
  const open = await askedEvenly(grantee.clock, () => admitted(grantee));
  try {
    return await work();
  } finally {
    open?.release();
  }
}

/** The document, in memory until it is released; `undefined` for one that is damaged. @throws {ServerError} `FORBIDDEN`. */
async function admitted({ context, access, right, key = keyOf(context) }: Grantee) {
  const known = context.get("known");
  const open = await access.hold(key);
  const rights = open === undefined ? known.rightsOn(key) : rightsOf(open, known);
  if (allows(rights, right)) return open;
  open?.release();
  throw forbidden(right);
}

/** Who asks, and for what. */
interface Grantee {
  readonly context: Context<Caller>;
  readonly access: DocumentAccess;
  readonly clock: Clock;
  readonly right: Granted;
  readonly key?: DocumentKey;
}

/**
 * On whose behalf a request changes a document: the token's user; without authentication whom `user_id` names.
 * @throws {ServerError} `BAD_REQUEST` when the request says neither.
 */
export function callerOf(context: Context<Caller>): UserId {
  const isNamed = context.req.query("user_id") !== undefined || tokenOf(context) !== undefined;
  if (!isNamed) throw noCaller();
  return context.get("known").user;
}

function tokenOf(context: Context): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
}

function noCaller(): ServerError {
  return new ServerError("BAD_REQUEST", "user_id: 1 to 128 characters of [A-Za-z0-9_-] are needed");
}
