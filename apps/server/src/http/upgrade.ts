import type { IncomingMessage } from "node:http";
import { type DocumentId, documentId, isDocumentId } from "@motet/document";

const DOCUMENT_PATH = "/documents/";

/**
 * The document that a WebSocket's path names: `/documents/<document id>`. `undefined` for every other path, and
 * for ids outside their charset, before anything uses them as a key. Escapes are not decoded: no id needs one.
 */
export function documentOfPath(path: string): DocumentId | undefined {
  if (!path.startsWith(DOCUMENT_PATH)) return undefined;
  const id = path.slice(DOCUMENT_PATH.length);
  return isDocumentId(id) ? documentId(id) : undefined;
}

/** The path of a request's target, without its query. Not decoded: no path of ours needs an escape. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}
