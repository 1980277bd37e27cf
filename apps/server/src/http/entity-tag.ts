import { createHash } from "node:crypto";
import type { VersionVector } from "@motet/crdt-core";
import type { Context } from "hono";
import { ServerError } from "../errors.js";

/** The parts of an `ETag` that stand for a state: its number, for people, and a digest of its vector. */
function stateTag(version: VersionVector): string {
  const digest = createHash("sha256").update(version.encode()).digest("base64url").slice(0, 22);
  return `${version.total}.${digest}`;
}

/** The entity tag of a state in a form: two states never share one, nor do two forms of one state. */
export function entityTag(version: VersionVector, form: "json" | "text" = "json"): string {
  return form === "json" ? `"${stateTag(version)}"` : `"${stateTag(version)}.text"`;
}

/** Whether the caller says with `If-None-Match` that they have what has this tag. */
export function isKnown(context: Context, tag: string): boolean {
  return tagsOf(context.req.header("if-none-match")).some((one) => one === "*" || one === tag);
}

/**
 * Lets through who asks for no state with `If-Match`, or for this one, in whatever form they read it.
 * @throws {ServerError} `PRECONDITION_FAILED`.
 */
export function mustMatch(context: Context, version: VersionVector): void {
  const wanted = context.req.header("if-match");
  if (wanted === undefined) return;
  const accepted = ["*", entityTag(version), entityTag(version, "text")];
  if (tagsOf(wanted).some((tag) => accepted.includes(tag))) return;
  throw new ServerError("PRECONDITION_FAILED", "the document is in another state than If-Match says");
}

function tagsOf(header = ""): string[] {
  return header
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .filter((tag) => tag !== "");
}
