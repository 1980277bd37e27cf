import { type DocumentKey, isUserId, type UserId, userId } from "@motet/document";
import { ServerError } from "./errors.js";
import { allows, type Granted } from "./rights.js";

/** What somebody shows to be let in. */
export interface Credentials {
  /** As it came, in `join` or behind `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Who they say they are. */
  readonly user?: string | undefined;
}

/** Who somebody is, and what they may do. */
export interface Identity {
  readonly user: UserId;
  /** As the others are to see them; what they call themselves without it. */
  readonly name?: string;
  /** When what they showed runs out, in milliseconds since 1970: connections are asked for something newer before. Never without it. */
  readonly expiresMs?: number;
  rightsOn(document: DocumentKey): Granted;
}

/** Says who somebody is: the port to whatever knows the users. */
export interface Authenticator {
  /**
   * `undefined` when the credentials do not hold; that they do not belong together is the caller's to see. Rejects when
   * it cannot be known now.
   */
  authenticate(credentials: Credentials): Promise<Identity | undefined>;
}

/** For development: everybody is who they say they are, and may do everything. */
export const everybody: Authenticator = {
  authenticate: async ({ user = "anonymous" }) =>
    isUserId(user) ? { user: userId(user), rightsOn: () => "admin" } : undefined,
};

/** Somebody who may do what they came for. */
export interface Admitted {
  readonly user: UserId;
  readonly name?: string;
  readonly expiresMs?: number;
  readonly rights: Exclude<Granted, "none">;
}

/**
 * Who it is and what they may do with `document`, at least `needed`. Nothing is said about whether there is such a document.
 * @throws {ServerError} `UNAUTHENTICATED`, `WRONG_USER` when they say they are somebody else, `FORBIDDEN`.
 */
export async function admit(
  authenticator: Authenticator,
  credentials: Credentials,
  document: DocumentKey,
  needed: Exclude<Granted, "none">,
): Promise<Admitted> {
  const identity = await authenticator.authenticate(credentials);
  if (identity === undefined) throw new ServerError("UNAUTHENTICATED", "no token, or one that does not hold");
  if (credentials.user !== undefined && credentials.user !== identity.user) {
    throw new ServerError("WRONG_USER", "the token is another user's");
  }
  const rights = identity.rightsOn(document);
  if (rights === "none" || !allows(rights, needed)) {
    throw new ServerError("FORBIDDEN", "you may not do this with this document");
  }
  const { user, name, expiresMs } = identity;
  return { user, rights, ...(name !== undefined && { name }), ...(expiresMs !== undefined && { expiresMs }) };
}
