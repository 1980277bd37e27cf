import { ReadableStream } from "node:stream/web";
import { ServerError } from "../errors.js";
import { mustBeAllowedToBegin } from "../reception.js";
import { answerSchemas } from "./answer-schemas.js";
import { stateJson } from "./document-json.js";
import { readBody } from "./json-body.js";
import { LOG_TYPE, readLog, writeLog } from "./log-file.js";
import { requestSchemas } from "./request-schemas.js";
import { type AnyRoute, route } from "./route.js";
import type { RouteTools } from "./route-tools.js";

/** Pieces in which a log is handed out, in bytes. */
const PIECE_BYTES = 65_536;

/** A document's whole log, to take elsewhere and to bring from there. */
export function logRoutes({ access, clock, importBytesMax }: RouteTools): readonly AnyRoute[] {
  return [
    route({
      ...{ method: "get", path: "/documents/:id/log", name: "exportLog", right: "read" },
      summary: "The whole log: operations, authors, times and names",
      query: requestSchemas.none,
      answers: { 200: { means: "The log", types: [LOG_TYPE] } },
      async handle({ context, key }) {
        const entries = await access.exportLog(key);
        context.set(
          "answerBytes",
          entries.reduce((sum, { length }) => sum + length, 0),
        );
        const pieces = inPieces(writeLog(entries));
        return context.body(streamOf(pieces) as never, 200, { "content-type": LOG_TYPE });
      },
    }),
    route({
      ...{ method: "put", path: "/documents/:id/log", name: "importLog", right: "admin" },
      summary: "Gives a document that is not there yet the log of another",
      query: requestSchemas.none,
      bodyType: LOG_TYPE,
      answers: { 201: { means: "The document is there", schema: answerSchemas.state } },
      async handle({ context, key, known }) {
        mustBeAllowedToBegin(known);
        if (context.req.header("content-type") !== LOG_TYPE) {
          throw new ServerError("BAD_REQUEST", `the body has to be a log, and content-type ${LOG_TYPE}`);
        }
        const entries = readLog(await readBody(context.req.raw, importBytesMax));
        await access.importLog(key, entries, clock.wallMs());
        const state = await access.read(key, ({ document }) => stateJson(document.version));
        return context.json(state, 201);
      },
    }),
  ];
}

function* inPieces(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
  }
}

/** Hands out the next piece when the last one was taken. */
function streamOf(pieces: Iterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
