import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** Answers `GET path` with a value that is sent as JSON. Nothing here ever shows a document's content as HTML. */
export type Routes = ReadonlyMap<string, () => unknown>;

/**
 * A request listener for `routes`: 200 with JSON, 405 for methods other than GET and HEAD, and 404 for
 * everything else.
 */
export function serveJson(routes: Routes): RequestListener {
  return (request, response) => {
    request.resume();
    const answer = routes.get(pathOf(request));
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (answer === undefined) send(response, 404, { error: "NOT_FOUND" });
    else if (isRead) send(response, 200, answer());
    else send(response.setHeader("allow", "GET, HEAD"), 405, { error: "METHOD_NOT_ALLOWED" });
  };
}

/** The path of a request's target, without its query. Not decoded: no path of ours needs an escape. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(bytes); // For HEAD, node sends the headers alone.
}
