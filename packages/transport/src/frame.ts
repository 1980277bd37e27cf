/**
 * One message on its way out. It is encoded at most once, however many sockets it goes to: a broadcast hands the same
 * frame to every reader.
 */
export class Frame {
  readonly #text: string | undefined;
  #bytes: Uint8Array | undefined;

  private constructor(text: string | undefined, bytes: Uint8Array | undefined) {
    this.#text = text;
    this.#bytes = bytes;
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
    this.#bytes ??= new TextEncoder().encode(this.#text);
    return this.#bytes;
  }
}
