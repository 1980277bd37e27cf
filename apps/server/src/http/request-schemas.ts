import {
  ACCESS,
  isDocumentId,
  type Operation,
  operationSchemas,
  type VersionReference,
} from "@motet/document";
import * as v from "valibot";
import { ServerError } from "../errors.js";
import { versionReference } from "./version-text.js";

/** Items on a page of history where nothing else is asked for, and at most. */
const PAGE_ITEMS = 50;
const PAGE_ITEMS_MAX = 500;

/** Documents on a page where nothing else is asked for, and at most. */
const DOCUMENTS = 100;
const DOCUMENTS_MAX = 1_000;

/** Operations in one request. */
const OPERATIONS_MAX = 1_000;

const version = v.pipe(
  v.string(),
  v.description('A state: 17, time:2026-11-22T16:00:00Z, name:First draft, or vector:{"ann":12}'),
  v.rawTransform<string, VersionReference>(({ dataset, addIssue, NEVER }) => {
    const reference = versionReference(dataset.value);
    if (reference !== undefined) return reference;
    addIssue({ message: "a number, or time:, name: or vector: and what it says" });
    return NEVER;
  }),
);

const wholeNumber = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/, "a whole number is needed"),
  v.transform(Number),
);

const id = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,128}$/, "1 to 128 characters of [A-Za-z0-9_-] are needed"),
  v.custom<string>(isDocumentId),
);

// Each is a schema of an object; here, a field that nobody knows is refused, as everywhere over HTTP.
const operation = v.variant(
  "type",
  Object.entries(operationSchemas()).map(([type, schema]) =>
    v.strictObject({ type: v.literal(type), ...(schema as unknown as { entries: v.ObjectEntries }).entries }),
  ) as never,
) as unknown as v.GenericSchema<unknown, Operation>;

const operations = v.pipe(v.array(operation), v.minLength(1), v.maxLength(OPERATIONS_MAX));

/** How many items, as an address has it. */
function limit(usual: number, max: number) {
  return v.optional(v.pipe(wholeNumber, v.minValue(1), v.maxValue(max)), String(usual));
}

/** Parameters and bodies, each as the address takes it. What is not named here is refused: a slip must not pass for a wish. */
export const requestSchemas = {
  document: v.strictObject({ version: v.optional(version) }),
  diff: v.strictObject({ from: version, to: v.optional(version) }),
  history: v.strictObject({
    of: v.optional(v.picklist(["sittings", "changes"]), "sittings"),
    before: v.optional(wholeNumber),
    limit: limit(PAGE_ITEMS, PAGE_ITEMS_MAX),
  }),
  documents: v.strictObject({ after: v.optional(id), limit: limit(DOCUMENTS, DOCUMENTS_MAX) }),
  create: v.strictObject({
    doc_id: v.optional(id),
    title: v.optional(v.string(), ""),
    text: v.optional(v.string(), ""),
    operations: v.optional(v.pipe(v.array(operation), v.maxLength(OPERATIONS_MAX)), []),
  }),
  operations: v.strictObject({ operations, version: v.optional(version) }),
  none: v.strictObject({}),
  nameVersion: v.strictObject({ name: v.string(), version: v.optional(version) }),
  restore: v.strictObject({ version }),
  forget: v.strictObject({ before: version }),
  access: v.strictObject({ access: v.picklist(ACCESS) }),
} as const;

/** @throws {ServerError} `BAD_REQUEST`, naming what is wrong and what would be right. */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const outcome = v.safeParse(schema, input, { abortEarly: true });
  if (outcome.success) return outcome.output;
  throw new ServerError("BAD_REQUEST", sentence(outcome.issues[0]));
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue);
  if (where === null) return issue.message;
  if (issue.type !== "strict_object") return `${where}: ${issue.message}`;
  return issue.expected === "never" ? `${where} is not known here` : `${where} is missing`;
}
