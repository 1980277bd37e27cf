import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { ServerError } from "../errors.js";
import { type ApiOptions, api } from "./api.js";
import type { PlaygroundFiles } from "./playground-files.js";
import { playgroundRoutes } from "./playground-routes.js";
import { refusal } from "./refusal.js";

/** What the HTTP side is made of. */
export interface HttpAppOptions extends ApiOptions {
  /** What `GET /status` answers. */
  readonly status: () => object;
  /** Hears of errors that nobody raised on purpose. */
  readonly onDefect: (error: unknown) => void;
  /** What is served at `/`; nothing without it. */
  readonly playground?: PlaygroundFiles | undefined;
}

/**
 * Everything that is answered over HTTP. Nothing but the playground's own files is ever served as a page, and every other
 * answer but a document's plain text and its log is JSON; errors are `{ code, message }`.
 */
export function httpApp(options: HttpAppOptions): RequestListener {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_context, methods) => notAllowed(methods) }));
  app.get("/health", (context) => context.json({ status: "ok" }));
  app.get("/status", (context) => context.json(options.status()));
  app.route("/api/v1", api(options));
  if (options.playground !== undefined) app.route("/", playgroundRoutes(options.playground));
  app.notFound(() => refusal(new ServerError("NOT_FOUND", "there is nothing at this address")));
  app.onError((error) => refusal(error, options.onDefect));
  // The adapter's own Request and Response would replace the process's: they are not ours to replace.
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}

function notAllowed(methods: readonly string[]): Response {
  const response = refusal(new ServerError("METHOD_NOT_ALLOWED", `this address takes ${methods.join(", ")}`));
  response.headers.set("allow", methods.join(", "));
  return response;
}
