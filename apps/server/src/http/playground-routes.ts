import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import type { PlaygroundFiles } from "./playground-files.js";

/** Stands in the page where a policy's nonce is to be. */
const NONCE = "{{nonce}}";

const YEAR_S = 31_536_000;

/**
 * The playground at `/` and, for each document, at `/d/<document id>`: one page, which asks for the document by itself.
 * Nothing that somebody wrote is ever part of it.
 */
export function playgroundRoutes({ page, assets }: PlaygroundFiles): Hono {
  const routes = new Hono();
  for (const path of ["/", "/d/:id"]) routes.get(path, (context) => answerPage(context, page));
  routes.get("/assets/*", (context, next) => {
    const file = assets.get(context.req.path);
    if (file === undefined) return next();
    const isZipped = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
    if (isZipped) context.header("content-encoding", "gzip");
    context.header("vary", "accept-encoding");
    context.header("cache-control", `public, max-age=${YEAR_S}, immutable`);
    context.header("content-type", file.type);
    return Promise.resolve(context.body(Uint8Array.from(isZipped ? file.gzipped : file.bytes)));
  });
  return routes;
}

function answerPage(context: Context, page: string): Response {
  const nonce = randomBytes(16).toString("base64");
  context.header("content-security-policy", policy(nonce));
  context.header("cross-origin-opener-policy", "same-origin");
  context.header("referrer-policy", "no-referrer"); // Who has a document's address may open it.
  return context.html(page.replaceAll(NONCE, nonce));
}

/** Scripts, styles and connections of this server and of nobody else. The editor makes its style sheet while it runs: the nonce is for that one. */
function policy(nonce: string): string {
  const rules = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": `'self' 'nonce-${nonce}'`,
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  return Object.entries(rules)
    .map((rule) => rule.join(" "))
    .join("; ");
}
