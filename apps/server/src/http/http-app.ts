import type { RequestListener } from "node:http";
import type { Hono } from "hono";
import { type ApiOptions, api } from "./api.js";
import { type BaseAppOptions, baseApp, listenerOf } from "./base-app.js";
import type { PlaygroundFiles } from "./playground-files.js";
import { playgroundRoutes } from "./playground-routes.js";

/** Where everything about documents begins. */
export const API_PATH = "/api/v1";

/** What the HTTP side is made of. */
export interface HttpAppOptions extends ApiOptions, BaseAppOptions {
  /** What administrators see, where they have no port of their own. */
  readonly admin?: Hono | undefined;
  /** What is served at `/`; nothing without it. */
  readonly playground?: PlaygroundFiles | undefined;
}

/**
 * Everything that is answered over HTTP. Nothing but the playground's own files and the inspector's is ever served as a page, and every
 * other answer but a document's plain text, its log and the metrics is JSON.
 */
export function httpApp(options: HttpAppOptions): RequestListener {
  const app = baseApp(options);
  app.route(API_PATH, api(options));
  if (options.admin !== undefined) app.route("/", options.admin);
  if (options.playground !== undefined) app.route("/", playgroundRoutes(options.playground));
  return listenerOf(app);
}

/** What is answered on the port of administrators. */
export function adminHttpApp(admin: Hono, options: BaseAppOptions): RequestListener {
  const app = baseApp(options);
  app.route("/", admin);
  return listenerOf(app);
}
