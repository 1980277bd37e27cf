import { createHash, randomBytes } from "node:crypto";
import {
  type DocumentKey,
  type DocumentManager,
  documentId,
  documentKey,
  type Operation,
  splitDocumentKey,
} from "@motet/document";
import { type Known, mustBeAllowedToBegin, rightsOf } from "../reception.js";
import { allows, type Granted } from "../rights.js";
import { answerSchemas } from "./answer-schemas.js";
import { whileGranted } from "./caller.js";
import { stateJson } from "./document-json.js";
import { entityTag } from "./entity-tag.js";
import { requestName } from "./request-name.js";
import { requestSchemas } from "./request-schemas.js";
import { type AnyRoute, type Call, type Checked, route } from "./route.js";
import type { RouteTools } from "./route-tools.js";

/** Documents looked at for one page: with rights on few of many, a page may hold less than was asked for. */
const LOOKED_AT_MAX = 1_024;

/** Documents whose rules are read from the store at a time. */
const LOOKED_AT_ONCE = 16;

/** Which documents there are, and new ones. */
export function collectionRoutes({ access, documents, clock }: RouteTools): readonly AnyRoute[] {
  return [
    route({
      ...{ method: "get", path: "/documents", name: "listDocuments" },
      summary: "The documents that the caller may read, by id",
      query: requestSchemas.documents,
      answers: {
        200: {
          means: "A page; where there may be more, `next` is what to give as `after`",
          schema: answerSchemas.documents,
        },
      },
      async handle({ context, known, query: { after, limit } }) {
        return context.json(await readable(documents, known, after, limit));
      },
    }),
    route({
      ...{ method: "post", path: "/documents", name: "createDocument" },
      summary: "Begins a document with a title, a text and more; of all who try, one succeeds",
      query: requestSchemas.none,
      body: requestSchemas.create,
      headers: ["Idempotency-Key"],
      answers: {
        201: {
          means: "The document is there",
          schema: answerSchemas.created,
          headers: ["ETag", "Location"],
        },
      },
      async handle(call) {
        const { context, body, change } = call;
        const request = requestName(context, body);
        const id = body.doc_id ?? newId(call);
        const key = documentKey(call.known.tenant, documentId(id));
        mustBeAllowedToBegin(call.known);
        const asked = { ...change(clock), ...request };
        const create = () => access.create(key, beginning(body), asked);
        const { version } = await whileGranted({ context, access, clock, right: "write", key }, create);
        const state = await access.read(key, ({ history }) => history.at({ number: version }).version);
        context.header("location", `/api/v1/documents/${id}`);
        context.header("etag", entityTag(state));
        return context.json({ doc_id: id, ...stateJson(state) }, 201);
      },
    }),
  ];
}

type Beginning = Checked<typeof requestSchemas.create>;

/** Never nothing: a document is there once an operation is. */
function beginning({ title, text, operations }: Beginning): readonly Operation[] {
  const insert: readonly Operation[] = text === "" ? [] : [{ type: "insert", position: 0, text }];
  return [{ type: "set_title", title }, ...insert, ...operations];
}

/** A random id; for a request that is made again, the same one. */
function newId({ context, known }: Call): string {
  const key = context.req.header("idempotency-key");
  if (key === undefined) return randomBytes(16).toString("base64url");
  const { tenant, user } = known;
  return createHash("sha256").update(`${tenant}/${user}/${key}`).digest("base64url").slice(0, 22);
}

/** The next `limit` documents that they may read. */
async function readable(documents: DocumentManager, known: Known, after: string | undefined, limit: number) {
  const { tenant } = known;
  const items: { doc_id: string }[] = [];
  let last = after;
  for (let looked = 0; looked < LOOKED_AT_MAX; ) {
    const from = last === undefined ? {} : { after: documentKey(tenant, documentId(last)) };
    const keys = await documents.list({ tenant, ...from, limit: LOOKED_AT_ONCE });
    const granted = await Promise.all(keys.map((key) => rightsFrom(documents, known, key)));
    for (const [at, key] of keys.entries()) {
      last = splitDocumentKey(key).document;
      if (allows(granted[at] ?? "none", "read")) items.push({ doc_id: last });
      if (items.length === limit) return { items, next: last };
    }
    if (keys.length < LOOKED_AT_ONCE) return { items };
    looked += keys.length;
  }
  return { items, ...(last !== undefined && { next: last }) };
}

/** What they may do with a document that is not opened for it; a damaged one says nothing of anybody. */
async function rightsFrom(documents: DocumentManager, known: Known, key: DocumentKey): Promise<Granted> {
  try {
    return rightsOf({ id: key, access: await documents.accessTo(key) }, known);
  } catch (error) {
    if ((error as { code?: unknown }).code === "DAMAGED") return known.rightsOn(key);
    throw error;
  }
}
