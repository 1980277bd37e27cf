/**
 * One message on its way out. It is encoded at most once, however many sockets it goes to: a broadcast hands the same
 * frame to every reader.
 */
export class Frame {
  readonly #text: string | undefined;
  #payload: Uint8Array | undefined;
  #written: Uint8Array | undefined;
  #headBytes = 0;

  private constructor(text: string | undefined, payload: Uint8Array | undefined) {
    this.#text = text;
    this.#payload = payload;
  }

  /** A text frame; `text` must be free of lone surrogates, as everything that passed the codec is. */
  static text(text: string): Frame {
    return new Frame(text, undefined);
  }

  /** A binary frame. Takes ownership: the caller does not write to `bytes` again. */
  static binary(bytes: Uint8Array): Frame {
    return new Frame(undefined, bytes);
  }

  /** The text of a text frame, `undefined` for a binary one. */
  get text(): string | undefined {
    return this.#text;
  }

  /** The payload as bytes: UTF-8 for text. Encoded when first asked for, then shared; not to be written to. */
  get bytes(): Uint8Array {
    this.#payload ??= this.#written?.subarray(this.#headBytes) ?? new TextEncoder().encode(this.#text);
    return this.#payload;
  }

  /**
   * The frame as a platform writes it to the line, its payload last, as `make` puts it together: when first asked for, then shared, so that
   * a broadcast is one buffer for all its readers; not to be written to. One platform, one form.
   */
  written<Form extends Uint8Array>(make: (frame: Frame) => Form): Form {
    if (this.#written === undefined) {
      const written = make(this);
      this.#headBytes = written.length - this.bytes.length;
      this.#written = written;
      this.#payload = undefined; // One buffer, not two.
    }
    return this.#written as Form;
  }
}
