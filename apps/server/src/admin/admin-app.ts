import { Hono } from "hono";
import type { ServerStatus } from "../collaborative-server-options.js";
import type { Metrics } from "../metrics.js";
import { adminGate } from "./admin-gate.js";
import { inspectorCss, inspectorHtml, inspectorJs } from "./inspector-page.js";
import { type InspectorSources, inspectorState } from "./inspector-state.js";

/** What administrators of the server see. */
export interface AdminOptions extends InspectorSources {
  /** What they show to see it; without one, this machine alone is let in. */
  readonly adminToken: string | undefined;
  readonly metrics: Metrics;
  readonly status: () => ServerStatus;
}

/** The page runs its own script and no other, and is shown in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `/status`, `/metrics`, and the inspector at `/admin/`. */
export function adminApp(options: AdminOptions): Hono {
  const app = new Hono();
  const gate = adminGate(options.adminToken);
  const { metrics, status } = options;
  app.get("/status", gate, (context) => context.json(status()));
  app.get("/metrics", gate, async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.type }),
  );
  app.get("/admin/inspector.json", gate, (context) => context.json(inspectorState(options)));
  // With a token nothing of it is secret: a browser has none to show before it has the page that asks for it.
  const page = adminGate(undefined);
  const pageGate: typeof gate = (context, next) =>
    options.adminToken === undefined ? page(context, next) : next();
  for (const [path, type, text] of [
    ["/admin/", "text/html; charset=utf-8", inspectorHtml],
    ["/admin/inspector.css", "text/css; charset=utf-8", inspectorCss],
    ["/admin/inspector.js", "text/javascript; charset=utf-8", inspectorJs],
  ] as const) {
    app.get(path, pageGate, (context) =>
      context.body(text, 200, { "content-type": type, "content-security-policy": POLICY }),
    );
  }
  return app;
}
