import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What RFC 6455 calls the opcodes. */
export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is written; the defaults make a correct one. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** The last fragment of its message. @default true */
  readonly fin?: boolean;
  /** The three reserved bits, which must be 0. @default 0 */
  readonly reserved?: number;
  /** Clients must mask. @default true */
  readonly masked?: boolean;
}

/** What a server sent, one frame. */
export interface RawReceived {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A message of the protocol, as JSON. */
export interface RawMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** RFC 6455, section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * WebSocket by hand over TCP, on Node, without a line of ours or of anybody's: what somebody else could write from
 * PROTOCOL.md. It can also speak wrongly.
 */
export class RawClient {
  readonly #line: Socket;
  /** The first line of the server's answer to the handshake. */
  status = "";
  #bytes = Buffer.alloc(0);
  #isEnded = false;
  #look = () => {};

  private constructor(line: Socket) {
    this.#line = line;
    line.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#look();
    });
    line.on("error", () => {});
    line.on("close", () => {
      this.#isEnded = true;
      this.#look();
    });
  }

  /**
   * Connects to `url`, such as `http://127.0.0.1:8080/documents/minutes`, and shakes hands; `headers` replace the usual ones.
   * Resolves with what the server answered in `status`. Rejects when it accepts another key than ours.
   */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
    const { hostname, port, pathname } = new URL(url);
    const client = new RawClient(connect(Number(port), hostname));
    const key = randomBytes(16).toString("base64");
    const all = {
      Host: hostname,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    client.#line.write(`GET ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`);
    const head = await client.#head();
    const accept = createHash("sha1")
      .update(key + GUID)
      .digest("base64");
    const isOurs = head.includes(`Sec-WebSocket-Accept: ${accept}`);
    if (head.startsWith("HTTP/1.1 101 ") && !isOurs) throw new Error(`not the answer to ${key}: ${head}`);
    client.status = head.slice(0, head.indexOf("\r\n"));
    return client;
  }

  /** Sends a message of the protocol. */
  say(message: object): void {
    this.send({ opcode: opcode.text, payload: JSON.stringify(message) });
  }

  /** Sends frames, each as it is written, in one write. */
  send(...frames: readonly RawFrame[]): void {
    this.#line.write(Buffer.concat(frames.map(encode)));
  }

  /** Sends bytes that need not be frames. */
  sendBytes(bytes: Uint8Array): void {
    this.#line.write(bytes);
  }

  /** Stops reading. */
  freeze(): void {
    this.#line.pause();
  }

  /** Cuts the line without a word. */
  vanish(): void {
    this.#line.destroy();
  }

  /** Cuts the line with a TCP reset. */
  reset(): void {
    this.#line.resetAndDestroy();
  }

  /** The next frame; `undefined` when the line has ended. */
  async next(): Promise<RawReceived | undefined> {
    const size = await this.#until(() => sizeOf(this.#bytes));
    if (size < 0) return undefined;
    const frame = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    return { opcode: frame[0]! & 15, payload: frame.subarray(headOf(frame)) };
  }

  /** The next message of the protocol; pings are answered on the way, as they have to be. */
  async hear(): Promise<RawMessage> {
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      if (frame.opcode === opcode.text) return JSON.parse(frame.payload.toString("utf8")) as RawMessage;
      if (frame.opcode === opcode.ping) this.send({ opcode: opcode.pong, payload: frame.payload });
      else throw new Error(`a frame of opcode ${frame.opcode} where a message was due`);
    }
    throw new Error("the line has ended");
  }

  /** Reads on to the close frame and returns its code; 1006 when the line ends without one. */
  async closeCode(): Promise<number> {
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      if (frame.opcode === opcode.close)
        return frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
    }
    return 1006;
  }

  async #head(): Promise<string> {
    const end = await this.#until(() => this.#bytes.indexOf("\r\n\r\n"));
    const head = this.#bytes.toString("latin1", 0, end + 4);
    this.#bytes = this.#bytes.subarray(end + 4);
    return head;
  }

  #until(find: () => number): Promise<number> {
    return new Promise((resolve) => {
      this.#look = () => {
        const found = find();
        if (found >= 0 || this.#isEnded) resolve(found);
      };
      this.#look();
    });
  }
}

function encode({ opcode, payload = "", fin = true, reserved = 0, masked = true }: RawFrame): Buffer {
  const body = Buffer.from(payload as Uint8Array);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const bytes = masked ? body.map((byte, at) => byte ^ mask[at % 4]!) : body;
  return Buffer.concat([Buffer.of(first), lengthOf(body.length, masked), mask, bytes]);
}

function lengthOf(length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.of(bit | length);
  const long = Buffer.alloc(length < 65_536 ? 3 : 9);
  long[0] = bit | (length < 65_536 ? 126 : 127);
  long.writeUIntBE(length, length < 65_536 ? 1 : 3, length < 65_536 ? 2 : 6);
  return long;
}

/** Bytes before the payload of a server's frame. */
function headOf(frame: Buffer): number {
  const short = frame[1]! & 127;
  return short === 126 ? 4 : short === 127 ? 10 : 2;
}

/** Bytes of the frame at the start of `bytes`; -1 while it is not whole. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < 2 || bytes.length < headOf(bytes)) return -1;
  const head = headOf(bytes);
  const length = head === 2 ? bytes[1]! & 127 : head === 4 ? bytes.readUInt16BE(2) : bytes.readUIntBE(4, 6);
  return bytes.length < head + length ? -1 : head + length;
}
