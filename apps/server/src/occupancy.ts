import type { DocumentKey } from "@motet/document";
import { ServerError } from "./errors.js";
import type { ServerLimits } from "./limits.js";

/** What one user holds. */
interface Held {
  connections: number;
  /** How many connections each document has. */
  readonly documents: Map<DocumentKey, number>;
}

/** Counts what each user holds, so that nobody holds everything. Users are named with their tenant. */
export class Occupancy {
  readonly #limits: Pick<ServerLimits, "connectionsPerUserMax" | "documentsPerUserMax">;
  readonly #users = new Map<string, Held>();

  constructor(limits: Pick<ServerLimits, "connectionsPerUserMax" | "documentsPerUserMax">) {
    this.#limits = limits;
  }

  /** A connection of `user` to `document` comes in. @throws {ServerError} `TOO_MANY_CONNECTIONS`, `TOO_MANY_DOCUMENTS`; nothing is counted then. */
  enter(user: string, document: DocumentKey): void {
    const held = this.#users.get(user) ?? { connections: 0, documents: new Map<DocumentKey, number>() };
    const { connectionsPerUserMax, documentsPerUserMax } = this.#limits;
    if (held.connections >= connectionsPerUserMax) {
      throw new ServerError(
        "TOO_MANY_CONNECTIONS",
        `a user has at most ${connectionsPerUserMax} connections`,
      );
    }
    const here = held.documents.get(document) ?? 0;
    if (here === 0 && held.documents.size >= documentsPerUserMax) {
      throw new ServerError("TOO_MANY_DOCUMENTS", `a user has at most ${documentsPerUserMax} documents open`);
    }
    held.connections++;
    held.documents.set(document, here + 1);
    this.#users.set(user, held);
  }

  /** A connection that was counted has gone. */
  leave(user: string, document: DocumentKey): void {
    const held = this.#users.get(user);
    if (held === undefined) return;
    const here = held.documents.get(document) ?? 0;
    if (here > 1) held.documents.set(document, here - 1);
    else held.documents.delete(document);
    held.connections--;
    if (held.connections === 0) this.#users.delete(user);
  }
}
