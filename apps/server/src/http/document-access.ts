import type {
  BatchContext,
  BatchOutcome,
  DocumentKey,
  DocumentManager,
  OpenDocument,
  Operation,
  VersionReference,
} from "@motet/document";
import type { DamageReport } from "../damage-report.js";
import { noDocument, ServerError } from "../errors.js";
import { Turns } from "../turns.js";

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
   * The document, in memory until it is released; `undefined` for one that is damaged.
   * @throws what `DocumentManager.open` throws else.
   */
  async hold(key: DocumentKey): Promise<OpenDocument | undefined> {
    await this.#turns.next();
    try {
      return await this.#noting(key, (documents) => documents.open(key));
    } catch (error) {
      if ((error as { code?: unknown }).code === "DAMAGED") return undefined;
      throw error;
    }
  }

  /**
   * What `look` makes of the document, once everything that it saw is durable. A refusal waits as
   * well: that a name is taken may be as new as the name.
   * @throws {ServerError} `NO_DOCUMENT` for one that was never written.
   * @throws what `DocumentManager.withDocument` and `look` throw.
   */
  async read<T>(key: DocumentKey, look: (document: OpenDocument) => T): Promise<T> {
    await this.#turns.next();
    return this.#noting(key, async (documents) => {
      const outcome = await documents.withDocument(key, (document) => attempt(document, look));
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    });
  }

  /** As {@link read}, for what changes the document. @throws {ServerError} `TOO_BUSY` while the store does not keep up. */
  async write<T>(key: DocumentKey, change: (document: OpenDocument) => T): Promise<T> {
    this.#mustKeepUp();
    return this.read(key, change);
  }

  /** See `DocumentManager.create`. @throws as {@link write}. */
  async create(
    key: DocumentKey,
    operations: readonly Operation[],
    context: Omit<BatchContext, "base">,
  ): Promise<BatchOutcome> {
    this.#mustKeepUp();
    return this.#noting(key, (documents) => documents.create(key, operations, context));
  }

  /** See `DocumentManager.delete`. @throws {ServerError} `NO_DOCUMENT` when there is nothing to delete. */
  async delete(key: DocumentKey): Promise<void> {
    if (await this.#options.documents.delete(key)) return;
    throw noDocument();
  }

  /** See `DocumentManager.exportLog`. @throws {ServerError} `NO_DOCUMENT`. */
  async exportLog(key: DocumentKey): Promise<readonly Uint8Array[]> {
    await this.#turns.next();
    const entries = await this.#noting(key, (documents) => documents.exportLog(key));
    if (entries.length === 0) throw noDocument();
    return entries;
  }

  /** See `DocumentManager.importLog`. @throws as {@link write}. */
  async importLog(key: DocumentKey, entries: readonly Uint8Array[], nowMs: number): Promise<void> {
    this.#mustKeepUp();
    await this.#turns.next();
    await this.#options.documents.importLog(key, entries, nowMs);
  }

  /**
   * Trims text that was deleted by that state, see `DocumentManager.forgetBefore`. @returns how many characters went.
   * @throws as {@link write}.
   */
  async forget(key: DocumentKey, before: VersionReference): Promise<number> {
    await this.write(key, () => {});
    return this.#options.documents.forgetBefore(key, before);
  }

  async #noting<T>(key: DocumentKey, work: (documents: DocumentManager) => Promise<T>): Promise<T> {
    const { documents, damage } = this.#options;
    try {
      return await work(documents);
    } catch (error) {
      damage.note(key, error);
      throw error;
    }
  }

  #mustKeepUp(): void {
    if (this.#options.documents.queuedBytes <= this.#options.queuedBytesMax) return;
    throw new ServerError("TOO_BUSY", "the disk does not keep up with what is written");
  }
}

function attempt<T>(document: OpenDocument, work: (document: OpenDocument) => T): Outcome<T> {
  try {
    if (document.document.versionNumber === 0) throw noDocument();
    return { value: work(document) };
  } catch (error) {
    return { error };
  }
}
