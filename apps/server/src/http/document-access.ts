import type { DocumentKey, DocumentManager, OpenDocument, VersionReference } from "@motet/document";
import type { DamageReport } from "../damage-report.js";
import { ServerError } from "../errors.js";
import { Turns } from "./turns.js";

/** What {@link DocumentAccess} needs. */
export interface DocumentAccessOptions {
  readonly documents: DocumentManager;
  readonly damage: DamageReport;
  /** Bytes on their way to the disk beyond which nothing more is written. */
  readonly queuedBytesMax: number;
}

/** What came of looking: a value, or a refusal that has to wait like one. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** The documents as requests reach them: those that exist, and nothing of them that is not durable. */
export class DocumentAccess {
  readonly #options: DocumentAccessOptions;
  readonly #turns = new Turns();

  constructor(options: DocumentAccessOptions) {
    this.#options = options;
  }

  /**
   * What `look` makes of the document, once everything that it saw is durable. A refusal waits as
   * well: that a name is taken may be as new as the name.
   * @throws {ServerError} `NO_DOCUMENT` for one that was never written.
   * @throws what `DocumentManager.withDocument` and `look` throw.
   */
  async read<T>(key: DocumentKey, look: (document: OpenDocument) => T): Promise<T> {
    const { documents, damage } = this.#options;
    await this.#turns.next();
    try {
      const outcome = await documents.withDocument(key, (document) => attempt(document, look));
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    } catch (error) {
      damage.note(key, error);
      throw error;
    }
  }

  /** As {@link read}, for what changes the document. @throws {ServerError} `TOO_BUSY` while the store does not keep up. */
  async write<T>(key: DocumentKey, change: (document: OpenDocument) => T): Promise<T> {
    if (this.#options.documents.queuedBytes > this.#options.queuedBytesMax) {
      throw new ServerError("TOO_BUSY", "the disk does not keep up with what is written");
    }
    return this.read(key, change);
  }

  /**
   * Trims text that was deleted by that state, see `DocumentManager.forgetBefore`. @returns how many characters went.
   * @throws as {@link write}.
   */
  async forget(key: DocumentKey, before: VersionReference): Promise<number> {
    await this.write(key, () => {});
    return this.#options.documents.forgetBefore(key, before);
  }
}

function attempt<T>(document: OpenDocument, work: (document: OpenDocument) => T): Outcome<T> {
  try {
    if (document.document.versionNumber === 0) {
      throw new ServerError("NO_DOCUMENT", "nothing was ever written to this document");
    }
    return { value: work(document) };
  } catch (error) {
    return { error };
  }
}
