import type { Addressed, JoinMessage, Rights, SessionMessage } from "@motet/transport";
import { ClientError } from "./errors.js";
import { drawName, type Identity } from "./identity.js";
import type { Session } from "./remote-document-events.js";
import type { SyncOptions } from "./sync-options.js";

/** Who this client is to its server: what it says of itself, and what the server has made of that. */
export class Membership {
  readonly #options: Pick<SyncOptions, "document" | "name" | "token">;
  readonly #clientId: string;
  #user: string;
  #token: string | undefined;
  #session: Session | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#user = options.user;
    this.#clientId = drawName(options.platform.randomBytes, 12);
  }

  /** What every message says. */
  get address(): Addressed {
    return { user_id: this.#user, doc_id: this.#options.document };
  }

  /** What the server made of this user when it last let them in. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether the user may write, as far as is known. */
  get mayWrite(): boolean {
    return this.#session?.rights !== "read";
  }

  /** Asks the application for a token, where it gives any. @throws {ClientError} `UNREACHABLE` when it has none now. */
  async fetchToken(): Promise<string | undefined> {
    try {
      this.#token = await this.#options.token?.();
    } catch (cause) {
      throw new ClientError("UNREACHABLE", "no token was to be had", { cause });
    }
    return this.#token;
  }

  /** How that instance joins, with the token fetched last. */
  join({ replica: id, secret }: Identity): JoinMessage {
    const [token, name] = [this.#token, this.#options.name?.()];
    return {
      type: "join",
      ...this.address,
      ...(token !== undefined && { token }),
      ...(name !== undefined && { name }),
      client_id: this.#clientId,
      protocol: 1,
      replica: { id, secret },
    };
  }

  /** The server has let us in. */
  admit({ user_id: user, session: { name, colour, rights = "write" } }: SessionMessage): Session {
    this.#user = user;
    this.#session = { user, name, colour, rights };
    return this.#session;
  }

  /** The user may do this from now on. Returns the session, if it is another by that. */
  allow(rights: Rights): Session | undefined {
    if (this.#session === undefined || this.#session.rights === rights) return undefined;
    this.#session = { ...this.#session, rights };
    return this.#session;
  }
}
