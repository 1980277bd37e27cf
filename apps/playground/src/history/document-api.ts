import type { DocumentId } from "@motet/document";
import type { Kept } from "../kept/kept.js";

/** A time in which people worked, between two states by their numbers. */
export interface Sitting {
  readonly user_ids: readonly string[];
  readonly from_ms: number;
  readonly to_ms: number;
  readonly before: number;
  readonly after: number;
}

/** Some sittings, newest first; `next` is what to ask for those before them. */
export interface SittingPage {
  readonly items: readonly Sitting[];
  readonly next?: number;
}

/** A state that somebody gave a name. */
export interface NamedVersion {
  readonly name: string;
  readonly user_id: string;
  readonly at_ms: number;
  readonly version: number;
}

/** One step along a text: what stayed, and what somebody put in or took out. */
export type AuthoredStep =
  | { readonly retain: number }
  | { readonly insert: string; readonly user_id: string; readonly at_ms: number }
  | { readonly delete: string; readonly user_id: string; readonly at_ms: number };

/** What a document said at one state. */
export interface PastDocument {
  readonly version: number;
  readonly title: string;
  readonly text: string;
}

/** The server said no, or could not be reached (`UNREACHABLE`). `message` is the server's sentence. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The history of one document, over HTTP from the server that the page came from. Every method rejects with {@link ApiError}. */
export class DocumentApi {
  readonly #base: string;
  readonly #kept: Kept;

  constructor(id: DocumentId, kept: Kept) {
    this.#base = `/api/v1/documents/${id}`;
    this.#kept = kept;
  }

  /** What the document says, or said after so many operations. */
  at(version?: number): Promise<PastDocument> {
    return this.#get("", version === undefined ? {} : { version });
  }

  async diff(from: number, to: number): Promise<readonly AuthoredStep[]> {
    const { text } = await this.#get<{ text: readonly AuthoredStep[] }>("/diff", { from, to });
    return text;
  }

  sittings(before?: number): Promise<SittingPage> {
    return this.#get("/history", before === undefined ? {} : { before });
  }

  async versions(): Promise<readonly NamedVersion[]> {
    const { items } = await this.#get<{ items: readonly NamedVersion[] }>("/versions", {});
    return items;
  }

  nameVersion(name: string, version: number): Promise<NamedVersion> {
    return this.#post("/versions", { name, version: String(version) });
  }

  restore(version: number): Promise<unknown> {
    return this.#post("/restore", { version: String(version) });
  }

  #get<Answer>(path: string, parameters: Readonly<Record<string, number>>): Promise<Answer> {
    return this.#ask(path, parameters, {});
  }

  /** Changes happen in somebody's name: the token's user, or whoever this browser says. */
  #post<Answer>(path: string, body: object): Promise<Answer> {
    const { signIn, identity } = this.#kept;
    const parameters = signIn.value === undefined ? { user_id: identity.value.user } : {};
    const headers = { "content-type": "application/json" };
    return this.#ask(path, parameters, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask<Answer>(path: string, parameters: object, request: RequestInit): Promise<Answer> {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]) => [name, String(value)]),
    );
    const token = this.#kept.signIn.value?.token;
    const headers = new Headers(request.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const response = await reach(`${this.#base}${path}?${query}`, { ...request, headers });
    const answer = (await response.json().catch(() => ({}))) as Answer & { code?: string; message?: string };
    if (response.ok) return answer;
    throw new ApiError(
      answer.code ?? "UNREACHABLE",
      answer.message ?? `the server answered ${response.status}`,
    );
  }
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    throw new ApiError("UNREACHABLE", "the server cannot be reached", { cause });
  }
}
