import type { DocumentSnapshot } from "@motet/document";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { answerSchemas } from "./answer-schemas.js";
import type { Caller } from "./caller.js";
import {
  changeJson,
  diffJson,
  documentJson,
  namedJson,
  rangeJson,
  sittingJson,
  stateJson,
} from "./document-json.js";
import { entityTag, isKnown } from "./entity-tag.js";
import { type Page, pageOf } from "./page.js";
import { jsonAnswer } from "./reading.js";
import { requestSchemas } from "./request-schemas.js";
import { type AnyRoute, route } from "./route.js";
import type { RouteTools } from "./route-tools.js";

/** What a document says, said, who wrote it, and who is there. Reading a document that was never written does not make one. */
export function readingRoutes({ access, presenceRelay }: RouteTools): readonly AnyRoute[] {
  return [
    route({
      ...{ method: "get", path: "/documents/:id", name: "readDocument", right: "read" },
      summary:
        "What a document says, or said in an earlier state: as JSON, or its bare text for Accept: text/plain",
      query: requestSchemas.document,
      headers: ["If-None-Match"],
      answers: {
        200: {
          means: "The document",
          schema: answerSchemas.document,
          types: ["text/plain"],
          headers: ["ETag"],
        },
        304: { means: "The caller has it already" },
      },
      async handle({ context, key, query: { version } }) {
        const snapshot = await access.read(key, ({ document, history }) =>
          version === undefined ? document.snapshot() : history.at(version),
        );
        return documentAnswer(context, snapshot);
      },
    }),
    route({
      ...{ method: "get", path: "/documents/:id/history", name: "readHistory", right: "read" },
      summary: "When people worked on it, or every change, newest first",
      query: requestSchemas.history,
      answers: { 200: { means: "A page of history", schema: answerSchemas.history } },
      async handle({ context, key, query: { of, ...wanted } }) {
        const page = await access.read(key, ({ history }) =>
          of === "changes"
            ? inJson(pageOf(history.changes(), wanted), changeJson)
            : inJson(pageOf(history.sittings(), wanted), sittingJson),
        );
        return jsonAnswer(context, page);
      },
    }),
    route({
      ...{ method: "get", path: "/documents/:id/diff", name: "readDiff", right: "read" },
      summary: "What changed between two states, and who changed each piece of the text",
      query: requestSchemas.diff,
      answers: { 200: { means: "The difference", schema: answerSchemas.diff } },
      async handle({ context, key, query: { from, to } }) {
        return jsonAnswer(context, await access.read(key, ({ history }) => diffJson(history.diff(from, to))));
      },
    }),
    route({
      ...{ method: "get", path: "/documents/:id/blame", name: "readBlame", right: "read" },
      summary: "Who wrote each stretch of the text, and when",
      query: requestSchemas.none,
      answers: { 200: { means: "The stretches", schema: answerSchemas.blame } },
      async handle({ context, key }) {
        const answer = await access.read(key, ({ document, history }) => ({
          ...stateJson(document.version),
          ranges: history.blame().map(rangeJson),
        }));
        return jsonAnswer(context, answer);
      },
    }),
    route({
      ...{ method: "get", path: "/documents/:id/versions", name: "listVersions", right: "read" },
      summary: "The states that have names",
      query: requestSchemas.none,
      answers: { 200: { means: "The names", schema: answerSchemas.names } },
      async handle({ context, key }) {
        const items = await access.read(key, ({ history }) => history.names().map(namedJson));
        return jsonAnswer(context, { items });
      },
    }),
    route({
      ...{ method: "get", path: "/documents/:id/users", name: "listUsers", right: "read" },
      summary: "Who has it open, with their cursors",
      query: requestSchemas.none,
      answers: { 200: { means: "The users", schema: answerSchemas.users } },
      async handle({ context, key }) {
        return jsonAnswer(context, { items: presenceRelay.users(key, "json") });
      },
    }),
  ];
}

function documentAnswer(context: Context<Caller>, snapshot: DocumentSnapshot): Response {
  const form = prefersText(context) ? "text" : "json";
  const tag = entityTag(snapshot.version, form);
  context.header("etag", tag);
  context.header("vary", "accept");
  if (isKnown(context, tag)) return context.body(null, 304);
  if (form === "json") return jsonAnswer(context, documentJson(snapshot));
  context.set("answerBytes", snapshot.text.length);
  return context.text(snapshot.text);
}

function prefersText(context: Context): boolean {
  const supports = ["application/json", "text/plain"];
  return accepts(context, { header: "Accept", supports, default: "application/json" }) === "text/plain";
}

function inJson<Item, Json>(page: Page<Item>, json: (item: Item) => Json): Page<Json> {
  return { ...page, items: page.items.map(json) };
}
