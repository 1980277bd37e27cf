import type { DocumentKey } from "@motet/document";
import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import type { GenericSchema, InferOutput } from "valibot";
import type { Clock } from "../clock.js";
import { mustBeAdmin } from "../rights.js";
import { type AdmissionOptions, admission, type Caller, callerOf } from "./caller.js";

import type { DocumentAccess } from "./document-access.js";
import {
  changeJson,
  diffJson,
  documentJson,
  namedJson,
  rangeJson,
  sittingJson,
  stateJson,
} from "./document-json.js";
import { jsonBody } from "./json-body.js";
import { type Page, pageOf } from "./page.js";
import { RequestCount } from "./request-count.js";
import { checked, requestSchemas } from "./request-schemas.js";

/** What the addresses of documents work with. */
export interface DocumentRoutesOptions extends AdmissionOptions {
  readonly access: DocumentAccess;
  readonly clock: Clock;
  /** Body of a request, in bytes. */
  readonly bodyBytesMax: number;
  /** Requests under way at once. */
  readonly requestsMax: number;
}

/**
 * What a document says, said, and who wrote it; names for its states, and the way back to them. Every answer, a refusal too,
 * waits until all that it is based on is durable. Reading a document that was never written does not make one.
 */
export function documentRoutes(options: DocumentRoutesOptions): Hono<Caller> {
  const routes = new Hono<Caller>();
  const underWay = new RequestCount(options.requestsMax);
  routes.use((_context, next) => underWay.during(next));
  routes.use("/:id/*", admission(options));
  addReading(routes, options.access);
  addWriting(routes, options);
  return routes;
}

function addReading(routes: Hono<Caller>, access: DocumentAccess): void {
  routes.get("/:id", async (context) => {
    const { version } = parameters(context, requestSchemas.document);
    const snapshot = await access.read(keyOf(context), ({ document, history }) =>
      version === undefined ? document.snapshot() : history.at(version),
    );
    return prefersText(context) ? context.text(snapshot.text) : context.json(documentJson(snapshot));
  });

  routes.get("/:id/history", async (context) => {
    const { of, ...wanted } = parameters(context, requestSchemas.history);
    const page = await access.read(keyOf(context), (open) => {
      if (of === "changes") return inJson(pageOf(open.history.changes(), wanted), changeJson);
      return inJson(pageOf(open.history.sittings(), wanted), sittingJson);
    });
    return context.json(page);
  });

  routes.get("/:id/diff", async (context) => {
    const { from, to } = parameters(context, requestSchemas.diff);
    return context.json(await access.read(keyOf(context), ({ history }) => diffJson(history.diff(from, to))));
  });

  routes.get("/:id/blame", async (context) => {
    parameters(context, requestSchemas.none);
    const answer = await access.read(keyOf(context), ({ document, history }) => ({
      ...stateJson(document.version),
      ranges: history.blame().map(rangeJson),
    }));
    return context.json(answer);
  });

  routes.get("/:id/versions", async (context) => {
    parameters(context, requestSchemas.none);
    const names = await access.read(keyOf(context), ({ history }) => history.names().map(namedJson));
    return context.json({ items: names });
  });
}

function addWriting(routes: Hono<Caller>, { access, clock, bodyBytesMax }: DocumentRoutesOptions): void {
  routes.post("/:id/versions", async (context) => {
    const { name, version } = await body(context, requestSchemas.nameVersion, bodyBytesMax);
    const user = callerOf(context);
    const named = await access.write(keyOf(context), (open) =>
      namedJson(open.nameVersion(name, { user, nowMs: clock.wallMs() }, version)),
    );
    return context.json(named, 201);
  });

  routes.post("/:id/restore", async (context) => {
    const { version } = await body(context, requestSchemas.restore, bodyBytesMax);
    const user = callerOf(context);
    const state = await access.write(keyOf(context), (open) => {
      open.restore(version, { user, nowMs: clock.wallMs() });
      return stateJson(open.document.version);
    });
    return context.json(state);
  });

  routes.post("/:id/forget", async (context) => {
    mustBeAdmin(context.get("admitted").rights);
    const { before } = await body(context, requestSchemas.forget, bodyBytesMax);
    return context.json({ forgotten: await access.forget(keyOf(context), before) });
  });
}

function keyOf(context: Context<Caller>): DocumentKey {
  return context.get("admitted").key;
}

/** The parameters of a request, without the one that says who calls. */
function parameters<Schema extends GenericSchema>(context: Context, schema: Schema): InferOutput<Schema> {
  const { user_id: _caller, ...rest } = context.req.query();
  return checked(schema, rest);
}

/** The body of a request that has no parameters but the one that says who calls. */
async function body<Schema extends GenericSchema>(
  context: Context,
  schema: Schema,
  bytesMax: number,
): Promise<InferOutput<Schema>> {
  parameters(context, requestSchemas.none);
  return checked(schema, await jsonBody(context.req.raw, bytesMax));
}

function prefersText(context: Context): boolean {
  const supports = ["application/json", "text/plain"];
  return accepts(context, { header: "Accept", supports, default: "application/json" }) === "text/plain";
}

function inJson<Item, Json>(page: Page<Item>, json: (item: Item) => Json): Page<Json> {
  return { ...page, items: page.items.map(json) };
}
