import { useEffect } from "preact/hooks";
import { useRedraw } from "../ui/use-redraw.js";

/**
 * A value that the browser keeps for this page, and that components follow; other tabs follow it too. Where the browser
 * keeps nothing, the value lives as long as the page.
 */
export class Stored<T> {
  readonly #key: string;
  readonly #read: (json: unknown) => T;
  readonly #listeners = new Set<() => void>();
  #value: T;

  /** @param read Makes the value of whatever is kept, `undefined` when nothing is: it may be from an older page. */
  constructor(key: string, read: (json: unknown) => T) {
    this.#key = key;
    this.#read = read;
    this.#value = this.#load();
    addEventListener("storage", (event) => {
      if (event.key === key) this.#become(this.#load());
    });
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#become(value);
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing, or is full: the value holds for this page.
    }
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #become(value: T): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  #load(): T {
    try {
      return this.#read(JSON.parse(localStorage.getItem(this.#key) ?? "null") ?? undefined);
    } catch {
      return this.#read(undefined);
    }
  }
}

/** The value now; the component is drawn again when it is another. */
export function useStored<T>(stored: Stored<T>): T {
  const redraw = useRedraw();
  useEffect(() => stored.subscribe(redraw), [stored, redraw]);
  return stored.value;
}
