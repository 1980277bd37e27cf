import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** How long a browser remembers what it was allowed, in seconds. */
const MAX_AGE_SECONDS = 600;

/**
 * Lets pages of these origins call and read what is below: those that may connect, too. Who they are says the token that they send
 * along; cookies say nothing here, and browsers are not asked for any.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    allowHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "if-match",
      "if-none-match",
      "traceparent",
    ],
    exposeHeaders: ["etag", "retry-after", "x-request-id"],
    maxAge: MAX_AGE_SECONDS,
  });
}
