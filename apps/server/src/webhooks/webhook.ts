import { randomUUID } from "node:crypto";
import { ServerError } from "../errors.js";
import { signatureHeaders } from "../signature.js";

/** What a webhook may be about. */
export const webhookTypes = [
  "document.created",
  "document.changed",
  "document.deleted",
  "user.joined",
  "user.left",
] as const;

/** One of {@link webhookTypes}. */
export type WebhookType = (typeof webhookTypes)[number];

/** Somebody who is told. */
export interface WebhookEndpoint {
  /** `http:` or `https:`. It is the operator's to say: private addresses are called like all others. */
  readonly url: string;
  /** `whsec_` and 24 to 64 random bytes in base64. */
  readonly secret: string;
  /** What it is told of. @default everything */
  readonly types?: readonly WebhookType[];
}

/** What is to be told, once. */
export interface Webhook {
  /** The same however often it is sent: by it a receiver knows it again. */
  readonly id: string;
  readonly body: string;
  readonly traceparent?: string;
}

/** Says something in the form of Standard Webhooks: type, time and data. */
export function webhook(type: WebhookType, data: object, atMs: number, traceparent?: string): Webhook {
  const body = JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
  return { id: `msg_${randomUUID()}`, body, ...(traceparent !== undefined && { traceparent }) };
}

/** The headers under which it is sent at a moment. */
export function headersOf({ id, body, traceparent }: Webhook, key: Buffer, atMs: number) {
  return {
    "content-type": "application/json",
    ...signatureHeaders({ id, atMs, body }, key),
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** The bytes of a secret. @throws {ServerError} `BAD_CONFIG`, which does not quote it. */
export function keyOf(secret: string): Buffer {
  const [, base64 = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64, "base64");
  if (key.length >= 24 && key.length <= 64) return key;
  throw new ServerError("BAD_CONFIG", "a webhook's secret is whsec_ and 24 to 64 bytes in base64");
}
