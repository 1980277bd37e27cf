import type { SocketListener } from "../socket.js";

/** A listener that writes down what it hears. */
export class Recorder implements SocketListener {
  readonly texts: string[] = [];
  readonly binaries: Uint8Array[] = [];
  readonly failures: unknown[] = [];
  /** Pings and pongs. */
  heardCount = 0;
  /** The close code and reason, once closed. */
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  readonly #waiting = new Set<() => void>();

  /** The text messages as parsed JSON. */
  get messages(): { readonly type: string; readonly [field: string]: unknown }[] {
    return this.texts.map((text) => JSON.parse(text));
  }

  /** Resolves as soon as `condition` holds, looked at after each event; the test's own timeout ends a vain wait. */
  until(condition: (recorder: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  text(text: string): void {
    this.texts.push(text);
    this.#look();
  }

  binary(bytes: Uint8Array): void {
    this.binaries.push(new Uint8Array(bytes)); // A copy; `slice` of a Buffer is a view.
    this.#look();
  }

  heard(): void {
    this.heardCount++;
    this.#look();
  }

  closed(code: number, reason: string): void {
    this.closedWith = { code, reason };
    this.#look();
  }

  failed(error: unknown): void {
    this.failures.push(error);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
