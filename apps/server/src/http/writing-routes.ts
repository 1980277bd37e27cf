import type { OpenDocument } from "@motet/document";
import { answerSchemas } from "./answer-schemas.js";
import { namedJson, stateJson } from "./document-json.js";
import { entityTag, mustMatch } from "./entity-tag.js";
import { requestName } from "./request-name.js";
import { requestSchemas } from "./request-schemas.js";
import { type AnyRoute, route } from "./route.js";
import type { RouteTools } from "./route-tools.js";

/** Changes, names for states, the way back to them, and the end of a document. Every answer waits until it is durable. */
export function writingRoutes({ access, clock }: RouteTools): readonly AnyRoute[] {
  return [
    route({
      ...{ method: "post", path: "/documents/:id/operations", name: "applyOperations", right: "write" },
      summary: "Makes several operations, all of them or none",
      query: requestSchemas.none,
      body: requestSchemas.operations,
      headers: ["Idempotency-Key", "If-Match"],
      answers: {
        200: { means: "The state that they led to", schema: answerSchemas.state, headers: ["ETag"] },
      },
      async handle({ context, key, body: { operations, version: base }, change }) {
        const request = requestName(context, { operations, base });
        const asked = { ...change(clock), ...request, ...(base && { base }) };
        const state = await access.write(key, (open) => {
          if (!open.knows(asked)) mustMatch(context, open.document.version);
          return stateAfter(open, open.applyAll(operations, asked).version);
        });
        context.header("etag", entityTag(state));
        return context.json(stateJson(state));
      },
    }),
    route({
      ...{ method: "post", path: "/documents/:id/versions", name: "nameVersion", right: "write" },
      summary: "Gives a state a name, once and for ever",
      query: requestSchemas.none,
      body: requestSchemas.nameVersion,
      answers: { 201: { means: "The state has the name", schema: answerSchemas.named } },
      async handle({ context, key, body: { name, version }, change }) {
        const asked = change(clock);
        const named = await access.write(key, (open) => namedJson(open.nameVersion(name, asked, version)));
        return context.json(named, 201);
      },
    }),
    route({
      ...{ method: "post", path: "/documents/:id/restore", name: "restoreDocument", right: "write" },
      summary: "Makes the document say again what it said, by new operations",
      query: requestSchemas.none,
      body: requestSchemas.restore,
      headers: ["If-Match"],
      answers: { 200: { means: "The state that this led to", schema: answerSchemas.state } },
      async handle({ context, key, body: { version }, change }) {
        const asked = change(clock);
        const state = await access.write(key, (open) => {
          mustMatch(context, open.document.version);
          open.restore(version, asked);
          return stateJson(open.document.version);
        });
        return context.json(state);
      },
    }),
    route({
      ...{ method: "post", path: "/documents/:id/forget", name: "forgetDeletedText", right: "admin" },
      summary: "Takes the characters of text that was deleted by a state out of memory and store",
      query: requestSchemas.none,
      body: requestSchemas.forget,
      answers: { 200: { means: "How many characters went", schema: answerSchemas.forgotten } },
      async handle({ context, key, body: { before } }) {
        return context.json({ forgotten: await access.forget(key, before) });
      },
    }),
    route({
      ...{ method: "delete", path: "/documents/:id", name: "deleteDocument", right: "admin" },
      summary: "Deletes the document for good; its connections are closed with 4410",
      query: requestSchemas.none,
      headers: ["If-Match"],
      answers: { 204: { means: "It is gone" } },
      async handle({ context, key }) {
        if (context.req.header("if-match") !== undefined) {
          await access.read(key, ({ document }) => mustMatch(context, document.version));
        }
        await access.delete(key);
        return context.body(null, 204);
      },
    }),
  ];
}

/** The vector of a state by its number. */
function stateAfter({ document, history }: OpenDocument, version: number) {
  return version === document.versionNumber ? document.version : history.at({ number: version }).version;
}
