import type { OpenDocument, TenantId, UserId } from "@motet/document";
import type { Authenticator, Credentials, Identity } from "./authenticator.js";
import type { Clock } from "./clock.js";
import { ServerError } from "./errors.js";
import type { Granted } from "./rights.js";

/** What a {@link Reception} works with. */
export interface ReceptionOptions {
  readonly authenticator: Authenticator;
  /** Whose documents theirs are whose identity does not say so. */
  readonly tenant: TenantId;
  readonly clock: Clock;
}

/** Somebody who is known, with all that their identity says. */
export type Known = Identity & { readonly tenant: TenantId };

/** Finds out who somebody is, however they came. */
export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /**
   * Who it is. Nothing has been opened, counted or kept for them by then.
   * @throws {ServerError} `UNAUTHENTICATED`, `WRONG_USER` when they say they are somebody else, `AUTH_UNAVAILABLE`.
   */
  async identify(credentials: Credentials): Promise<Known> {
    const { authenticator, tenant, clock } = this.#options;
    const identity = await authenticator.authenticate(credentials);
    if (identity === undefined || (identity.expiresMs ?? Number.POSITIVE_INFINITY) <= clock.wallMs()) {
      throw new ServerError("UNAUTHENTICATED", "no token, or one that does not hold");
    }
    if (credentials.user !== undefined && credentials.user !== identity.user) {
      throw new ServerError("WRONG_USER", "the token is another user's");
    }
    return { ...identity, tenant: identity.tenant ?? tenant };
  }
}

/**
 * What somebody may do with a document.
 * @throws {ServerError} `FORBIDDEN` when that is nothing, whether there is such a document or not; `NO_DOCUMENT` when nobody has
 * written it and they may not begin one.
 */
export function rightsIn(
  open: OpenDocument,
  identity: Pick<Identity, "user" | "rightsOn" | "mayCreate">,
): Exclude<Granted, "none"> {
  const rights = rightsOf(open, identity);
  if (rights === "none") throw forbidden("read");
  if (open.document.versionNumber === 0) mustBeAllowedToBegin(identity);
  return rights;
}

/** @throws {ServerError} `NO_DOCUMENT` when they may not begin documents that nobody has written. */
export function mustBeAllowedToBegin({ mayCreate }: Pick<Identity, "mayCreate">): void {
  if (mayCreate !== false) return;
  throw new ServerError("NO_DOCUMENT", "nobody has written this document yet, and you may not begin it");
}

/** What the document itself says of them; where that is nothing, what whoever knows the users says. */
export function rightsOf(
  open: Pick<OpenDocument, "id" | "access">,
  { user, rightsOn }: Pick<Identity, "user" | "rightsOn">,
): Granted {
  return open.access.of(user) ?? rightsOn(open.id);
}

/** Says what it would take, and nothing of whether there is such a document. */
export function forbidden(needed: Granted): ServerError {
  return new ServerError("FORBIDDEN", `this needs the right "${needed}" to this document`);
}

/** A user among the users of all tenants. */
export function tenantUser(tenant: TenantId, user: UserId): string {
  return `${tenant}/${user}`;
}
