import type { DocumentError, DocumentKey } from "@motet/document";

/** Documents whose damage is remembered, so that it is told once; after so many it is told again. */
const REMEMBERED_MAX = 10_000;

/** Tells once of each document that cannot be opened because it is damaged, however many people try. */
export class DamageReport {
  readonly #tell: (document: DocumentKey, error: DocumentError) => void;
  readonly #told = new Set<DocumentKey>();

  constructor(tell: (document: DocumentKey, error: DocumentError) => void) {
    this.#tell = tell;
  }

  /** Takes any error that came up while `document` was used; those that say nothing of damage are ignored. */
  note(document: DocumentKey, error: unknown): void {
    if (!isDamage(error) || this.#told.has(document)) return;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.add(document);
    this.#tell(document, error);
  }
}

function isDamage(error: unknown): error is DocumentError {
  return error instanceof Error && error.name === "DocumentError" && Reflect.get(error, "code") === "DAMAGED";
}
