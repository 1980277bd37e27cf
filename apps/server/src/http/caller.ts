import {
  type DocumentKey,
  type DocumentManager,
  documentId,
  documentKey,
  isDocumentId,
  isUserId,
  type UserId,
} from "@motet/document";
import type { Context, MiddlewareHandler } from "hono";
import type { DamageReport } from "../damage-report.js";
import { ServerError } from "../errors.js";
import { forbidden, type Reception, rightsIn } from "../reception.js";
import { allows, type Granted } from "../rights.js";

/** What a request is looked at with. */
export interface AdmissionOptions {
  readonly reception: Reception;
  readonly documents: DocumentManager;
  readonly damage: DamageReport;
}

/** Somebody who may do what they came for. */
export interface Admitted {
  readonly user: UserId;
  /** The document among those of all tenants. */
  readonly key: DocumentKey;
  readonly rights: Granted;
}

/** What {@link admission} leaves for those behind it. */
export interface Caller {
  Variables: { admitted: Admitted };
}

/**
 * Lets through who may read the document called `:id`, or write it for every other method than GET. The token stands
 * behind `Authorization: Bearer`, never in the address, which is written to logs.
 */
export function admission({ reception, documents, damage }: AdmissionOptions): MiddlewareHandler<Caller> {
  return async (context, next) => {
    const id = context.req.param("id") ?? "";
    if (!isDocumentId(id)) throw new ServerError("NOT_FOUND", "no document has such an id");
    const user = context.req.query("user_id");
    if (user !== undefined && !isUserId(user)) throw noCaller();
    const needed = ["GET", "HEAD"].includes(context.req.method) ? "read" : "write";
    const document = documentId(id);
    const known = await reception.identify({ user, token: tokenOf(context), document });
    const key = documentKey(known.tenant, document);
    const open = await documents.open(key).catch((error) => {
      damage.note(key, error);
      throw error;
    });
    try {
      const rights = rightsIn(open, known);
      if (!allows(rights, needed)) throw forbidden();
      context.set("admitted", { user: known.user, key, rights });
      await next();
    } finally {
      open.release();
    }
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
