import { createHash } from "node:crypto";
import type { RequestName } from "@motet/document";
import type { Context } from "hono";
import { ServerError } from "../errors.js";

/**
 * The name of a request that may be made again, from its `Idempotency-Key` (1 to 128 printable characters) and what it asks for.
 * @throws {ServerError} `BAD_REQUEST` for what is no key.
 */
export function requestName(context: Context, asked: unknown): { readonly request?: RequestName } {
  const key = context.req.header("idempotency-key");
  if (key === undefined) return {};
  if (!/^[\x21-\x7e]{1,128}$/.test(key)) {
    throw new ServerError("BAD_REQUEST", "Idempotency-Key: 1 to 128 printable characters without spaces");
  }
  const text = JSON.stringify([context.req.method, context.req.path, asked]);
  return { request: { key, digest: createHash("sha256").update(text).digest("base64url") } };
}
