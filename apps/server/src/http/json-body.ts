import { ServerError } from "../errors.js";

/**
 * The body of a request, parsed. It has to say that it is JSON: a page elsewhere cannot make a browser send that without
 * asking here first.
 *
 * Of a body that is too large nothing is kept beyond `bytesMax`, whatever its headers say of its length.
 * @throws {ServerError} `BAD_REQUEST`, `TOO_LARGE`.
 */
export async function jsonBody(request: Request, bytesMax: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new ServerError("BAD_REQUEST", "the body has to be JSON, and content-type application/json");
  }
  const bytes = await readBody(request, bytesMax);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ServerError("BAD_REQUEST", "the body is not JSON", { cause });
  }
}

/**
 * All of a body, of which nothing is kept beyond `bytesMax`.
 * @throws {ServerError} `TOO_LARGE`; `BAD_REQUEST` where it ends too early.
 */
export async function readBody({ body }: Pick<Request, "body">, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of piecesOf(body)) {
    length += chunk.length;
    if (length > bytesMax) throw new ServerError("TOO_LARGE", `a body has at most ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** That somebody hangs up, or takes too long, is no defect of ours. */
async function* piecesOf(body: Request["body"]): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (cause) {
    throw new ServerError("BAD_REQUEST", "the body ended too early", { cause });
  }
}
