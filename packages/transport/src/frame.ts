/**
 * One message on its way out. It is encoded at most once, however many sockets it goes to: a broadcast hands the same
 * frame to every reader.
 */
export class Frame {
  readonly #text: string | undefined;
  #payload: Uint8Array | undefined;
  #framed: Uint8Array | undefined;

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
    this.#payload ??= this.#framed?.subarray(headBytes(this.#framed)) ?? new TextEncoder().encode(this.#text);
    return this.#payload;
  }

  /**
   * The frame as a server writes it to the line: header, then payload, not masked (RFC 6455, section 5.2). Made when first asked
   * for, then shared, so that a broadcast is one buffer for all its readers; not to be written to.
   * @param allocate Makes the memory, in the form in which the platform's streams take bytes as they are. One platform, one form.
   */
  framed<Memory extends Uint8Array>(allocate: (bytes: number) => Memory): Memory {
    if (this.#framed === undefined) {
      this.#framed = framed(this.#text === undefined ? BINARY : TEXT, this.bytes, allocate);
      this.#payload = undefined; // One buffer, not two.
    }
    return this.#framed as Memory;
  }
}

/** First byte of a frame that is a whole message: FIN, and the opcode. */
const TEXT = 0x81;
const BINARY = 0x82;

/** Second byte of a frame whose length is in the two, or the eight, bytes behind it. */
const IN_TWO = 126;
const IN_EIGHT = 127;

function framed(first: number, payload: Uint8Array, allocate: (bytes: number) => Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < IN_TWO ? 2 : length < 65_536 ? 4 : 10;
  const bytes = allocate(head + length);
  bytes[0] = first;
  bytes[1] = head === 2 ? length : head === 4 ? IN_TWO : IN_EIGHT;
  for (let at = head - 1, rest = length; at > 1; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(payload, head);
  return bytes;
}

function headBytes(framed: Uint8Array): number {
  return framed[1]! < IN_TWO ? 2 : framed[1] === IN_TWO ? 4 : 10;
}
