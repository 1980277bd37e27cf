import type { DocumentKey } from "@motet/document";

/** What is under way for one document. */
interface Line {
  /** Settles when everything asked for so far has. */
  all: Promise<unknown>;
  /** The last that must stand alone, as long as it is under way. */
  alone: Promise<unknown> | undefined;
}

/** Calls on one document take effect in the order in which they were made; those on different documents know nothing of each other. */
export class DocumentOrder {
  readonly #lines = new Map<DocumentKey, Line>();

  /** Begins `work` at once unless something that stands alone is under way; several may be under way together, in order. */
  together<T>(id: DocumentKey, work: () => Promise<T>): Promise<T> {
    const line = this.#lineOf(id);
    const done = line.alone === undefined ? work() : line.alone.then(work);
    this.#track(id, line, Promise.allSettled([line.all, done]));
    return done;
  }

  /** Begins `work` when everything before it has settled; what comes after waits for it. */
  alone<T>(id: DocumentKey, work: () => Promise<T>): Promise<T> {
    const line = this.#lineOf(id);
    const done = line.all.then(work);
    const settled = done.then(nothing, nothing);
    line.alone = settled;
    this.#track(id, line, settled);
    return done;
  }

  /** Begins `work` when everything before it has settled; what comes after does not wait. */
  after<T>(id: DocumentKey, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(id);
    return line === undefined ? work() : line.all.then(work);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map(({ all }) => all));
  }

  #lineOf(id: DocumentKey): Line {
    const known = this.#lines.get(id);
    if (known !== undefined) return known;
    const line: Line = { all: Promise.resolve(), alone: undefined };
    this.#lines.set(id, line);
    return line;
  }

  #track(id: DocumentKey, line: Line, all: Promise<unknown>): void {
    line.all = all;
    void all.then(() => {
      if (line.all === all) this.#lines.delete(id);
    });
  }
}

function nothing(): void {}
