import type { ChangeContext, DocumentKey } from "@motet/document";
import type { Context, Hono } from "hono";
import type { GenericSchema, InferOutput } from "valibot";
import type { Clock } from "../clock.js";
import type { RequestOrigin } from "../origin.js";
import type { Known } from "../reception.js";
import type { Granted } from "../rights.js";
import { type Caller, callerOf, keyOf, whileGranted } from "./caller.js";
import { jsonBody } from "./json-body.js";
import { checked } from "./request-schemas.js";
import type { RouteTools } from "./route-tools.js";

/** What an answer may be: what it means, and what it holds. */
export interface AnswerShape {
  readonly means: string;
  /** Of a JSON body; without one the body is empty, or of another `type`. */
  readonly schema?: GenericSchema;
  /** Media types beside JSON that the answer may be in. */
  readonly types?: readonly string[];
  readonly headers?: readonly string[];
}

/** A request whose parameters and body are what they have to be. */
export interface Call<Query = unknown, Body = unknown> {
  readonly context: Context<Caller>;
  readonly query: Query;
  readonly body: Body;
  /** The document that the address names. */
  readonly key: DocumentKey;
  /** Who asks, and for what they may. */
  readonly known: Known;
  /** On whose behalf something is written, when, and because of which request. @throws {ServerError} `BAD_REQUEST` when it does not say. */
  change(clock: Clock): CallContext;
}

/** Who changes a document by a request. */
export type CallContext = Required<Pick<ChangeContext, "user" | "nowMs" | "heardMs">> & {
  readonly origin: RequestOrigin;
};

/** One address and method: all that the router, the documentation and the tests need to know. */
export interface Route<Query = unknown, Body = unknown> {
  readonly method: "get" | "post" | "put" | "delete";
  /** Below `/api/v1`; `:id` is a document. */
  readonly path: string;
  /** A name for programs that are generated from the documentation, unlike any other route's. */
  readonly name: string;
  readonly summary: string;
  /** What the caller must be allowed to do with the document; nothing where the address names none. */
  readonly right?: Exclude<Granted, "none">;
  readonly query: GenericSchema<unknown, Query>;
  readonly body?: GenericSchema<unknown, Body>;
  /** Of a body that is no JSON, and that the handler reads by itself. */
  readonly bodyType?: string;
  /** Request headers that mean something here. */
  readonly headers?: readonly RequestHeader[];
  /** What it answers when all is well, by status. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
  readonly handle: (call: Call<Query, Body>) => Promise<Response>;
}

/** Headers of requests that are more than HTTP itself. */
export type RequestHeader = "Idempotency-Key" | "If-Match" | "If-None-Match";

/** A route as a table holds it, its types used up. */
export type AnyRoute = Route<never, never>;

/** Says what a route is; the types of its query and body are those of the schemas. */
export function route<Query, Body = undefined>(one: Route<Query, Body>): AnyRoute {
  return one as unknown as AnyRoute;
}

/** What {@link addRoutes} needs beside the table. */
export interface RoutesOptions extends Pick<RouteTools, "access" | "clock"> {
  /** Of a body of JSON, in bytes. */
  readonly bodyBytesMax: number;
}

/** Has `app` answer at the addresses of the table. */
export function addRoutes(
  app: Hono<Caller>,
  routes: readonly AnyRoute[],
  { access, clock, bodyBytesMax }: RoutesOptions,
): void {
  for (const one of routes) {
    const { right } = one;
    app.on(one.method.toUpperCase(), one.path, async (context) => {
      const answer = async () => one.handle((await callOf(context, one, bodyBytesMax)) as Call<never, never>);
      return right === undefined ? answer() : whileGranted({ context, access, clock, right }, answer);
    });
  }
}

async function callOf(context: Context<Caller>, one: AnyRoute, bodyBytesMax: number): Promise<Call> {
  const { user_id: _caller, ...parameters } = context.req.query();
  const query = checked(one.query as GenericSchema, parameters);
  const body = one.body && checked(one.body as GenericSchema, await jsonBody(context.req.raw, bodyBytesMax));
  return {
    context,
    query,
    body,
    get key() {
      return keyOf(context);
    },
    known: context.get("known"),
    change: (clock) => ({
      user: callerOf(context),
      nowMs: clock.wallMs(),
      heardMs: clock.monotonicMs(),
      origin: { traceparent: context.get("traceparent") },
    }),
  };
}

/** What a schema lets through. */
export type Checked<Schema extends GenericSchema> = InferOutput<Schema>;
