import { Hono } from "hono";
import { tenantUser } from "../reception.js";
import { accessRoutes } from "./access-routes.js";
import { type Caller, type IdentificationOptions, identification } from "./caller.js";
import { collectionRoutes } from "./collection-routes.js";
import { crossOrigin } from "./cross-origin.js";
import { logRoutes } from "./log-routes.js";
import { openApiDocument } from "./openapi.js";
import { type ReadingOptions, reading } from "./reading.js";
import { readingRoutes } from "./reading-routes.js";
import { RequestCount } from "./request-count.js";
import { type AnyRoute, addRoutes } from "./route.js";
import type { RouteTools } from "./route-tools.js";
import { writingRoutes } from "./writing-routes.js";

/** What the addresses below `/api/v1` work with. */
export interface ApiOptions extends IdentificationOptions, ReadingOptions, RouteTools {
  /** Body of a request, in bytes. */
  readonly bodyBytesMax: number;
  /** Requests under way at once. */
  readonly requestsMax: number;
  /** Whose pages may call from elsewhere. Nobody's without it. */
  readonly origins?: readonly string[] | undefined;
}

/** Every address below `/api/v1` but that of the documentation. */
export function apiRoutes(tools: RouteTools): readonly AnyRoute[] {
  return [collectionRoutes, readingRoutes, writingRoutes, accessRoutes, logRoutes].flatMap((routes) =>
    routes(tools),
  );
}

/**
 * The documents over HTTP. Every answer, a refusal too, waits until all that it is based on is durable.
 * `/openapi.json` says all of it to programs.
 */
export function api(options: ApiOptions): Hono<Caller> {
  const app = new Hono<Caller>();
  const routes = apiRoutes(options);
  const underWay = new RequestCount(options.requestsMax);
  const description = openApiDocument(routes);
  if (options.origins !== undefined) app.use(crossOrigin(options.origins));
  app.get("/openapi.json", (context) => context.json(description));
  app.use("/documents/*", (_context, next) => underWay.during(next));
  app.use("/documents/*", identification(options));
  app.use("/documents/*", (context, next) => {
    const { tenant, user } = context.get("known");
    return underWay.ofUser(tenantUser(tenant, user), next);
  });
  app.use("/documents/*", reading(options));
  addRoutes(app, routes, options);
  return app;
}
