import { DocumentError } from "./errors.js";

declare const brand: unique symbol;

/** Names a document within its tenant: 1 to 128 characters of `[A-Za-z0-9_-]`. */
export type DocumentId = string & { readonly [brand]: "DocumentId" };
/** Names a person or a program that edits: 1 to 128 characters of `[A-Za-z0-9_-]`. */
export type UserId = string & { readonly [brand]: "UserId" };
/** Names a customer; documents of two tenants never share a byte. 1 to 128 characters of `[A-Za-z0-9_-]`. */
export type TenantId = string & { readonly [brand]: "TenantId" };
/** Names a document everywhere that tenants meet (stores, caches, channels): `tenant/document`. */
export type DocumentKey = string & { readonly [brand]: "DocumentKey" };

// One rule before any use as a key, file or channel name: no separator, no dot, nothing that two people could read differently.
const NAME = /^[A-Za-z0-9_-]{1,128}$/;
const KEY = /^[A-Za-z0-9_-]{1,128}\/[A-Za-z0-9_-]{1,128}$/;

/** Whether `text` may name a document. */
export function isDocumentId(text: unknown): text is DocumentId {
  return typeof text === "string" && NAME.test(text);
}

/** Whether `text` may name a user. */
export function isUserId(text: unknown): text is UserId {
  return typeof text === "string" && NAME.test(text);
}

/** Whether `text` may name a tenant. */
export function isTenantId(text: unknown): text is TenantId {
  return typeof text === "string" && NAME.test(text);
}

/** Whether `text` is a tenant and a document with one `/` between them. */
export function isDocumentKey(text: unknown): text is DocumentKey {
  return typeof text === "string" && KEY.test(text);
}

/** @throws {DocumentError} `MALFORMED` when `text` cannot name a document. */
export function documentId(text: string): DocumentId {
  if (!isDocumentId(text)) throw notA("document id", text);
  return text;
}

/** @throws {DocumentError} `MALFORMED` when `text` cannot name a user. */
export function userId(text: string): UserId {
  if (!isUserId(text)) throw notA("user id", text);
  return text;
}

/** @throws {DocumentError} `MALFORMED` when `text` cannot name a tenant. */
export function tenantId(text: string): TenantId {
  if (!isTenantId(text)) throw notA("tenant id", text);
  return text;
}

/** The name of a tenant's document among all tenants' documents. */
export function documentKey(tenant: TenantId, document: DocumentId): DocumentKey {
  return `${tenant}/${document}` as DocumentKey;
}

/**
 * The tenant and the document that `key` names.
 * @throws {DocumentError} `MALFORMED` when it names none.
 */
export function splitDocumentKey(key: string): { readonly tenant: TenantId; readonly document: DocumentId } {
  if (!isDocumentKey(key)) throw notA("document key", key);
  const slash = key.indexOf("/");
  return { tenant: key.slice(0, slash) as TenantId, document: key.slice(slash + 1) as DocumentId };
}

// The text may come from a stranger: its length is told, its content is not repeated.
function notA(what: string, text: unknown): DocumentError {
  const got = typeof text === "string" ? `${text.length} characters` : typeof text;
  return new DocumentError(
    "MALFORMED",
    `not a ${what}: letters, digits, _ and -, 1 to 128 of them (got ${got})`,
  );
}
