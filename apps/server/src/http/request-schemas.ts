import type { VersionReference } from "@motet/document";
import * as v from "valibot";
import { ServerError } from "../errors.js";
import { versionReference } from "./version-text.js";

/** Items on a page of history where nothing else is asked for, and at most. */
const PAGE_ITEMS = 50;
const PAGE_ITEMS_MAX = 500;

const version = v.pipe(
  v.string(),
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

/** Parameters and bodies, each as the address takes it. What is not named here is refused: a slip must not pass for a wish. */
export const requestSchemas = {
  document: v.strictObject({ version: v.optional(version) }),
  diff: v.strictObject({ from: version, to: v.optional(version) }),
  history: v.strictObject({
    of: v.optional(v.picklist(["sittings", "changes"]), "sittings"),
    before: v.optional(wholeNumber),
    limit: v.optional(v.pipe(wholeNumber, v.minValue(1), v.maxValue(PAGE_ITEMS_MAX)), String(PAGE_ITEMS)),
  }),
  none: v.strictObject({}),
  nameVersion: v.strictObject({ name: v.string(), version: v.optional(version) }),
  restore: v.strictObject({ version }),
  forget: v.strictObject({ before: version }),
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
