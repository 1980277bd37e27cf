import {
  type DocumentId,
  type DocumentKey,
  isUserId,
  type TenantId,
  type UserId,
  userId,
} from "@motet/document";
import type { Granted } from "./rights.js";

/** What somebody shows to be let in. */
export interface Credentials {
  /** As it came, in `join` or behind `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Who they say they are. */
  readonly user?: string | undefined;
  /** Which document they ask for, in the address. */
  readonly document?: DocumentId;
}

/** Who somebody is, and what they may do. */
export interface Identity {
  readonly user: UserId;
  /** As the others are to see them; what they call themselves without it. */
  readonly name?: string;
  /** When what they showed runs out, in milliseconds since 1970: connections are asked for something newer before. Never without it. */
  readonly expiresMs?: number;
  /** Whose documents theirs are. @default the server's own tenant */
  readonly tenant?: TenantId;
  /** Whether they may begin documents that nobody has written yet. @default true */
  readonly mayCreate?: boolean;
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
