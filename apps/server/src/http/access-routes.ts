import { type AccessRule, isUserId, type UserId, userId } from "@motet/document";
import type { Context } from "hono";
import { ServerError } from "../errors.js";
import { answerSchemas } from "./answer-schemas.js";
import { requestSchemas } from "./request-schemas.js";
import { type AnyRoute, route } from "./route.js";
import type { RouteTools } from "./route-tools.js";

/** What a document itself says of who may do what with it, whatever they may do with others; for its administrators. */
export function accessRoutes({ access, clock }: RouteTools): readonly AnyRoute[] {
  return [
    route({
      ...{ method: "get", path: "/documents/:id/access", name: "listAccess", right: "admin" },
      summary: "Users who may do something else with this document than with others",
      query: requestSchemas.none,
      answers: { 200: { means: "They, and what they may do", schema: answerSchemas.accessRules } },
      async handle({ context, key }) {
        const rules = await access.read(key, (open) => [...open.access].filter(isInForce).map(ruleJson));
        return context.json({ items: rules });
      },
    }),
    route({
      ...{ method: "put", path: "/documents/:id/access/:user", name: "setAccess", right: "admin" },
      summary: "Says what a user may do with this document; holds at once, also for connections that stand",
      query: requestSchemas.none,
      body: requestSchemas.access,
      answers: { 204: { means: "It holds" } },
      async handle({ context, key, body, change }) {
        const asked = change(clock);
        await access.write(key, (open) => open.setAccess(userOf(context), body.access, asked));
        return context.body(null, 204);
      },
    }),
    route({
      ...{ method: "delete", path: "/documents/:id/access/:user", name: "removeAccess", right: "admin" },
      summary: "Lets a user do again with this document what they may do with others",
      query: requestSchemas.none,
      answers: { 204: { means: "It holds" } },
      async handle({ context, key, change }) {
        const asked = change(clock);
        await access.write(key, (open) => open.setAccess(userOf(context), undefined, asked));
        return context.body(null, 204);
      },
    }),
  ];
}

function isInForce({ access }: AccessRule): boolean {
  return access !== undefined;
}

function ruleJson({ user, access, by, atMs }: AccessRule) {
  return { user_id: user, access, by, at_ms: atMs };
}

/** Whom the address names. */
function userOf(context: Context): UserId {
  const user = context.req.param("user");
  if (!isUserId(user)) throw new ServerError("NOT_FOUND", "no user has such an id");
  return userId(user);
}
