import { randomBytes } from "node:crypto";
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

/** Speaks WebSocket by hand over TCP, so that it can also speak it wrongly. */
export class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #isEnded = false;
  #look = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#look();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isEnded = true;
      this.#look();
    });
  }

  /** Connects and shakes hands; `headers` replace the usual ones. Resolves with the status line in `status`. */
  static async open(
    port: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawClient & { status: string }> {
    const client = new RawClient(connect(port, "127.0.0.1"));
    const all = {
      Host: "127.0.0.1",
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    client.#socket.write(`GET / HTTP/1.1\r\n${lines.join("")}\r\n`);
    const head = await client.#until(() => client.#received.indexOf("\r\n\r\n"));
    const status = client.#received.toString("latin1", 0, client.#received.indexOf("\r\n"));
    client.#received = client.#received.subarray(head + 4);
    return Object.assign(client, { status });
  }

  /** Sends frames, each as it is written, in one write. */
  send(...frames: readonly RawFrame[]): void {
    this.#socket.write(Buffer.concat(frames.map(encode)));
  }

  /** Sends bytes that need not be frames. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Cuts the line with a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** The next frame from the server, of up to 65,535 bytes; `undefined` when the line has ended. */
  async next(): Promise<{ opcode: number; payload: Buffer } | undefined> {
    const size = await this.#until(() => frameSize(this.#received));
    if (size < 0) return undefined;
    const frame = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return { opcode: frame[0]! & 15, payload: frame.subarray(headSize(frame)) };
  }

  /** Reads on to the close frame and returns its code; 1006 when the line ends without one. */
  async closeCode(): Promise<number> {
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      if (frame.opcode === opcode.close) return frame.payload.readUInt16BE(0);
    }
    return 1006;
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
  const bytes = masked ? body.map((byte, i) => byte ^ mask[i % 4]!) : body;
  return Buffer.concat([Buffer.of(first), encodeLength(body.length, masked), mask, bytes]);
}

function encodeLength(length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.of(bit | length);
  const long = Buffer.alloc(length < 65_536 ? 3 : 9);
  long[0] = bit | (length < 65_536 ? 126 : 127);
  long.writeUIntBE(length, length < 65_536 ? 1 : 3, length < 65_536 ? 2 : 6);
  return long;
}

function headSize(frame: Buffer): number {
  return (frame[1]! & 127) === 126 ? 4 : 2;
}

function frameSize(bytes: Buffer): number {
  if (bytes.length < 2 || bytes.length < headSize(bytes)) return -1;
  const size = headSize(bytes) === 2 ? 2 + (bytes[1]! & 127) : 4 + bytes.readUInt16BE(2);
  return bytes.length < size ? -1 : size;
}
