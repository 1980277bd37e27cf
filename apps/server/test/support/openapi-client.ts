import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Answer } from "./http-api.js";

/** As much of a JSON schema as a test looks into. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly description?: string;
}

/** One operation of the API, as its documentation has it. */
export interface ApiOperation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

/** What a call gives: parameters by name, wherever they belong, and a body. */
export interface CallInput {
  readonly [parameter: string]: unknown;
  readonly body?: unknown;
  readonly accept?: string;
}

/** A client made at run time of nothing but the documentation that a server serves. It throws when an answer is not as documented. */
export class OpenApiClient {
  readonly #base: string;
  readonly #ajv = new Ajv2020({ strict: false });
  readonly #checks = new Map<object, ValidateFunction>();
  readonly operations = new Map<string, ApiOperation>();

  private constructor(address: string, description: Description) {
    this.#base = address + description.servers[0]!.url;
    this.#ajv.addSchema({ $id: "api", components: description.components });
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        this.operations.set(operation.operationId, { ...operation, method, path });
      }
    }
  }

  static async of(address: string): Promise<OpenApiClient> {
    const response = await fetch(`${address}/api/v1/openapi.json`);
    return new OpenApiClient(address, (await response.json()) as Description);
  }

  /** Calls an operation by its name. */
  async call(name: string, input: CallInput = {}): Promise<Answer> {
    const operation = this.operations.get(name);
    if (operation === undefined) throw new Error(`the documentation knows no ${name}`);
    const response = await fetch(this.#base + addressOf(operation, input), initOf(operation, input));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const answer = { status: response.status, headers: response.headers, body: bodyOf(response, bytes) };
    this.#mustBeDocumented(operation, answer);
    return answer;
  }

  #mustBeDocumented({ operationId, responses }: ApiOperation, { status, headers, body }: Answer): void {
    const shape = responses[status] ?? (status >= 400 ? responses["default"] : undefined);
    if (shape === undefined) throw new Error(`${operationId} answers ${status}, which is not documented`);
    const type = headers.get("content-type")?.split(";")[0];
    if (type === undefined || body === "") return;
    const content = shape.content?.[type];
    if (content === undefined) throw new Error(`${operationId} answers ${status} in ${type}`);
    if (content.schema === undefined) return;
    const check = this.#checkOf(content.schema);
    if (!check(body)) throw new Error(`${operationId} ${status}: ${JSON.stringify([check.errors, body])}`);
  }

  #checkOf(schema: object): ValidateFunction {
    const known = this.#checks.get(schema);
    const ref = (schema as { $ref?: string }).$ref;
    const check = known ?? this.#ajv.compile(ref === undefined ? schema : { $ref: `api${ref}` });
    this.#checks.set(schema, check);
    return check;
  }
}

interface Description {
  readonly servers: readonly { readonly url: string }[];
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

function addressOf({ path, parameters }: ApiOperation, input: CallInput): string {
  const query = new URLSearchParams();
  for (const { name, in: where } of parameters) {
    if (where === "query" && input[name] !== undefined) query.set(name, String(input[name]));
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  return query.size === 0 ? filled : `${filled}?${query}`;
}

function initOf({ method, parameters, requestBody }: ApiOperation, input: CallInput): RequestInit {
  const headers = new Headers(input.accept === undefined ? {} : { accept: input.accept });
  for (const { name, in: where } of parameters) {
    if (where === "header" && input[name] !== undefined) headers.set(name, String(input[name]));
  }
  if (requestBody === undefined || input.body === undefined) return { method: method.toUpperCase(), headers };
  const [type] = Object.keys(requestBody.content);
  headers.set("content-type", type!);
  const body = input.body instanceof Uint8Array ? input.body : JSON.stringify(input.body);
  return { method: method.toUpperCase(), headers, body: body as string };
}

function bodyOf(response: Response, bytes: Uint8Array): unknown {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/json") && bytes.length > 0)
    return JSON.parse(new TextDecoder().decode(bytes));
  return type.startsWith("application/vnd") ? bytes : new TextDecoder().decode(bytes);
}
