import {
  type DocumentKey,
  isDocumentId,
  isTenantId,
  isUserId,
  splitDocumentKey,
  tenantId,
  userId,
} from "@motet/document";
import * as v from "valibot";
import type { Identity } from "./authenticator.js";
import { type Granted, isGranted } from "./rights.js";

/** Who somebody is and what they may do, as a list of tokens, a JWT, a hook or a callback says it. */
export interface Grant {
  /** 1 to 128 of `[A-Za-z0-9_-]`. */
  readonly user: string;
  /** As the others are to see them. */
  readonly name?: string;
  /** Whose documents theirs are; the server's own tenant without it. */
  readonly tenant?: string;
  /** What they may do with every document. */
  readonly rights: Granted;
  /** Documents with which they may do something else. */
  readonly documents?: Readonly<Record<string, Granted>>;
  /** Whether they may begin documents that nobody has written yet. @default true */
  readonly create?: boolean;
}

/** The fields of a {@link Grant} beside the user, as they are checked wherever they come from. */
export const grantFields = {
  name: v.exactOptional(
    v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Cs}]{1,64}$/u, "must be a name of 1 to 64 characters")),
  ),
  tenant: v.exactOptional(v.custom<string>(isTenantId, "must be 1 to 128 of A-Z a-z 0-9 _ -")),
  rights: v.custom<Granted>(isGranted, 'must be "none", "read", "write" or "admin"'),
  documents: v.exactOptional(
    v.custom<Readonly<Record<string, Granted>>>(isRightsTable, "must map documents' ids to rights"),
  ),
  create: v.exactOptional(v.boolean("must be true or false")),
};

/** A user's id. */
export const grantUser = v.custom<string>(isUserId, "must be 1 to 128 of A-Z a-z 0-9 _ -");

const grant = v.strictObject({ user: grantUser, ...grantFields });

/** The grant that `value` is; `undefined` when it is none. A field that is not known makes it none: it may have been meant to restrict. */
export function readGrant(value: unknown): Grant | undefined {
  const result = v.safeParse(grant, value);
  return result.success ? result.output : undefined;
}

/** The identity that a grant describes. */
export function identityOf(
  { user, name, tenant, rights, documents = {}, create }: Grant,
  expiresMs?: number,
): Identity {
  const special = new Map(Object.entries(documents));
  const rightsOn = (key: DocumentKey): Granted => special.get(splitDocumentKey(key).document) ?? rights;
  return {
    user: userId(user),
    rightsOn,
    ...(name !== undefined && { name }),
    ...(tenant !== undefined && { tenant: tenantId(tenant) }),
    ...(create !== undefined && { mayCreate: create }),
    ...(expiresMs !== undefined && { expiresMs }),
  };
}

// Not v.record, which drops a document that someone has called "constructor".
function isRightsTable(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([id, granted]) => isDocumentId(id) && isGranted(granted));
}
