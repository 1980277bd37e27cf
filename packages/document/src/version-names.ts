import type { VersionVector } from "@motet/crdt-core";
import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";
import { mustBeWellFormed } from "./kinds/well-formed.js";

/** A state that somebody gave a name. */
export interface NamedVersion {
  /** 1 to 128 UTF-16 code units, unique within its document. */
  readonly name: string;
  readonly user: UserId;
  readonly atMs: number;
  readonly version: VersionVector;
}

const NAMES_MAX = 1_000;

/** The named versions of one document, at most 1,000. A name is given once: a state that people refer to does not move. */
export class VersionNames implements Iterable<NamedVersion> {
  readonly #byName = new Map<string, NamedVersion>();

  /** The state of that name. */
  get(name: string): NamedVersion | undefined {
    return this.#byName.get(name);
  }

  /** Notes a name; the first of a name counts. */
  add(named: NamedVersion): void {
    if (!this.#byName.has(named.name)) this.#byName.set(named.name, named);
  }

  /**
   * Refuses what cannot be added.
   * @throws {DocumentError} `MALFORMED` for what is no name, `NAME_TAKEN`, `LIMIT`.
   */
  check(name: string): void {
    mustBeWellFormed("version's name", name, 1, 128);
    if (this.#byName.has(name))
      throw new DocumentError("NAME_TAKEN", "a version of that name is there already");
    if (this.#byName.size >= NAMES_MAX)
      throw new DocumentError("LIMIT", `at most ${NAMES_MAX} named versions`);
  }

  /** In the order in which they were named. */
  [Symbol.iterator](): IterableIterator<NamedVersion> {
    return this.#byName.values();
  }
}
