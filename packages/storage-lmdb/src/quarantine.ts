import type { DocumentError, DocumentKey } from "@motet/document";
import type { StoreEvent } from "./store-event.js";

/** Documents whose entries failed their check. They stay refused, also if a later reading should look sound, until they are deleted. */
export class Quarantine {
  readonly #documents = new Map<DocumentKey, DocumentError>();
  readonly #observe: (event: StoreEvent) => void;

  constructor(observe: (event: StoreEvent) => void) {
    this.#observe = observe;
  }

  /** Each with what was found. */
  get documents(): ReadonlyMap<DocumentKey, DocumentError> {
    return this.#documents;
  }

  add(document: DocumentKey, error: DocumentError): void {
    if (this.#documents.has(document)) return;
    this.#documents.set(document, error);
    this.#observe({ type: "quarantined", document, error });
  }

  lift(document: DocumentKey): void {
    this.#documents.delete(document);
  }

  /** @throws {DocumentError} `DAMAGED`, as it was found. */
  mustNotHold(document: DocumentKey): void {
    const error = this.#documents.get(document);
    if (error !== undefined) throw error;
  }
}
