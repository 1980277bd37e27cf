import { createConnection, createServer, type Server, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

/** A TCP line between a client and a server that can be cut at any byte. */
export class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #nears = new Set<Socket>();
  /** Bytes, counted in both directions, after which the line is cut once. */
  bytesLeft = Number.POSITIVE_INFINITY;
  /** How long each piece takes to pass, in milliseconds; pieces stay in order. */
  delayMs: (() => number) | undefined;
  /** Bytes that have passed. */
  bytes = 0;
  /** How often somebody has connected. */
  connections = 0;
  /** Where the line leads to; may change, as when a server moves. */
  port: number;

  private constructor(port: number) {
    this.port = port;
    this.#server = createServer((near) => this.#join(near, createConnection(this.port, "127.0.0.1")));
  }

  /** A line to `address`, such as `http://127.0.0.1:41234`. */
  static async to(address: string): Promise<Line> {
    const line = new Line(Number(new URL(address).port));
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  /** Where a client finds it. */
  get address(): string {
    const { port } = this.#server.address() as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  /** Cuts whatever is connected now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * The client's ends are gone, the server's still stand, and what was on its way to it arrives: who comes back is there
   * twice for a while.
   */
  abandon(): void {
    for (const near of this.#nears) {
      near.removeAllListeners("close");
      near.destroy();
    }
    this.#nears.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    this.connections++;
    this.#nears.add(near);
    near.on("close", () => this.#nears.delete(near));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      let before = Promise.resolve();
      from.on("data", (chunk) => {
        const { delayMs } = this;
        if (delayMs === undefined) this.#pass(chunk, to);
        else before = before.then(() => setTimeout(delayMs())).then(() => this.#pass(chunk, to));
      });
      from.on("error", () => {}); // The close that follows tells the story.
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #pass(chunk: Buffer, to: Socket): void {
    const passing = chunk.subarray(0, this.bytesLeft);
    this.bytes += passing.length;
    this.bytesLeft -= passing.length;
    to.write(passing);
    if (this.bytesLeft > 0) return;
    this.bytesLeft = Number.POSITIVE_INFINITY;
    setImmediate(() => this.cut()); // After what has passed was written.
  }
}
