import { createHmac } from "node:crypto";

/** What a request that this server makes is known by. */
export interface Signed {
  /** Stays the same when the request is made again. */
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
}

/**
 * Headers by which the receiver of a request knows that it came from here, and when: those of Standard Webhooks. The signature
 * is base64 of HMAC-SHA256, with the secret's UTF-8 as key, of `<webhook-id>.<webhook-timestamp>.<body>`.
 * @see https://www.standardwebhooks.com
 */
export function signatureHeaders(
  { id, atMs, body }: Signed,
  secret: string | Buffer,
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
