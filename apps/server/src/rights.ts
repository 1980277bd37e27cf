import { ACCESS, type Access, operationKind, operationKinds } from "@motet/document";
import { ServerError } from "./errors.js";

/** What a user may do with a document; "none" is not even to know of it. */
export type Granted = Access;

/** Whether `text` is the name of a right. */
export function isGranted(text: unknown): text is Granted {
  return ACCESS.some((right) => right === text);
}

/** Whether who has `granted` may do what needs `needed`. */
export function allows(granted: Granted, needed: Granted): boolean {
  return ACCESS.indexOf(granted) >= ACCESS.indexOf(needed);
}

/**
 * The one gate that every operation passes, however it came: `type` is the operation's own.
 * @throws {ServerError} `FORBIDDEN`.
 */
export function mustBeAllowed(granted: Granted, type: string): void {
  const needed = operationKind(type)?.right ?? "admin"; // A kind that nobody knows is nobody's to write.
  if (!allows(granted, needed)) throw forbidden();
}

/**
 * The same gate for an update, which may hold operations of any kind, also of kinds that only newer versions know.
 * @throws {ServerError} `FORBIDDEN` unless every kind of operation is allowed.
 */
export function mustBeAllowedAll(granted: Granted): void {
  if (!allows(granted, MOST)) throw forbidden();
}

/** What the most demanding kind of operation needs. */
const MOST = operationKinds.reduce<Granted>(
  (most, { right }) => (allows(most, right) ? most : right),
  "none",
);

function forbidden(): ServerError {
  return new ServerError("FORBIDDEN", "you may read this document, and not change it");
}
