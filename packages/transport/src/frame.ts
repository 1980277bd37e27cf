/**
 * One message on its way out. It is encoded at most once, however many sockets it goes to: a broadcast hands the same
 * frame to every reader.
 */
export class Frame {
  readonly #text: string | undefined;
  #payload: Uint8Array | undefined;
  #framed: Uint8Array | undefined;
  #written: unknown;

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
    this.#payload ??= new TextEncoder().encode(this.#text);
    return this.#payload;
  }

  /**
   * The frame as a server writes it to the line: header, then payload, not masked (RFC 6455, section 5.2). Made when first
   * asked for, then shared, so that a broadcast is one buffer for all its readers; not to be written to.
   */
  get framed(): Uint8Array {
    if (this.#framed === undefined) {
      this.#framed = framed(this.#text === undefined ? BINARY : TEXT, this.bytes);
      this.#payload = this.#framed.subarray(this.#framed.length - this.bytes.length); // One buffer, not two.
    }
    return this.#framed;
  }

  /**
   * {@link framed} in the form in which a platform's streams take bytes, as `formOf` makes it: once, not for each reader. One
   * platform, one form.
   */
  framedAs<Form>(formOf: (framed: Uint8Array) => Form): Form {
    this.#written ??= formOf(this.framed);
    return this.#written as Form;
  }
}

/** First byte of a frame that is a whole message: FIN, and the opcode. */
const TEXT = 0x81;
const BINARY = 0x82;

function framed(first: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = new Uint8Array(head + length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, first);
  view.setUint8(1, head === 2 ? length : head === 4 ? 126 : 127);
  if (head === 4) view.setUint16(2, length);
  if (head === 10) view.setBigUint64(2, BigInt(length));
  bytes.set(payload, head);
  return bytes;
}
