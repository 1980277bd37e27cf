import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import type { Clock } from "../clock.js";
import { ServerError } from "../errors.js";
import type { Health } from "../health.js";
import type { ServerEvents } from "../server-events.js";
import { isRefusal } from "../server-messages.js";
import { traceOf } from "../trace.js";
import { refusal } from "./refusal.js";

/** What every port answers with. */
export interface BaseAppOptions {
  readonly events: ServerEvents;
  readonly clock: Clock;
  readonly health: Health;
}

/** What every request carries: its place in a trace, to hand on. */
export interface Traced {
  Variables: { traceparent: string };
}

/**
 * What every port has: `/health` and `/ready`, which say nothing else; a trace for each request, taken over from `traceparent` and told
 * as `x-request-id`; and errors as `{ code, message }`.
 */
export function baseApp({ events, clock, health }: BaseAppOptions): Hono<Traced> {
  const app = new Hono<Traced>();
  app.use(traced(events, clock));
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_context, methods) => notAllowed(methods) }));
  app.get("/health", (context) => {
    const { problems } = health;
    return context.json(problems.length === 0 ? { status: "ok" } : { status: "degraded", problems });
  });
  app.get("/ready", (context) => {
    const { isReady } = health;
    return context.json({ status: isReady ? "ready" : "not ready" }, isReady ? 200 : 503);
  });
  app.notFound(() => refusal(new ServerError("NOT_FOUND", "there is nothing at this address")));
  app.onError((error) => {
    if (isRefusal(error)) events.emit({ type: "refused", code: error.code, over: "http" });
    return refusal(error, (defect) => events.emit({ type: "defect", error: defect }));
  });
  return app;
}

/** Has node call the app. */
export function listenerOf(app: Hono<Traced>): RequestListener {
  // The adapter's own Request and Response would replace the process's: they are not ours to replace. HTTP/1.0 needs no Host, and
  // balancers that look whether a server lives send none.
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: "localhost" });
}

function traced(events: ServerEvents, clock: Clock): MiddlewareHandler<Traced> {
  return async (context, next) => {
    const startedMs = clock.monotonicMs();
    const { id: traceId, traceparent } = traceOf(context.req.header("traceparent"));
    context.set("traceparent", traceparent);
    await next();
    context.header("x-request-id", traceId);
    const { method } = context.req;
    // Never the address itself: it may hold what somebody typed there.
    const route = routePath(context, -1);
    const durationMs = clock.monotonicMs() - startedMs;
    events.emit({ type: "answered", method, route, status: context.res.status, durationMs, traceId });
  };
}

function notAllowed(methods: readonly string[]): Response {
  const response = refusal(new ServerError("METHOD_NOT_ALLOWED", `this address takes ${methods.join(", ")}`));
  response.headers.set("allow", methods.join(", "));
  return response;
}
