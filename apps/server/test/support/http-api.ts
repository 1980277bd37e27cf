/** An answer of the server's: its status, its headers, and its body as JSON or, where it is none, as text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads out of an answer, it expects to be there
  readonly body: any;
}

/** The addresses of one document, as a program without a library of ours would use them. */
export class HttpApi {
  readonly #base: string;

  constructor(server: string, document = "page") {
    this.#base = `${server}/api/v1/documents/${document}`;
  }

  /** `path` is what comes behind the document's id, such as `/blame`; none is the document itself. */
  get(path = "", headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(path, { headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async request(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.#base + path, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== "" ? JSON.parse(text) : text,
    };
  }
}
