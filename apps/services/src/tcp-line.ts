import { connect, createServer, type Server, type Socket } from "node:net";
import { listenOn } from "./free-port.js";

/** What a {@link TcpLine} does with what comes through. */
export interface TcpLineFaults {
  /** Called with each chunk on its way to the service; `true` lets it through and cuts the line before the answer comes back. */
  readonly cutsAnswerTo?: (chunk: Buffer) => boolean;
}

/** A line to a service on loopback that can be cut, held up, and mended, as a network does it. */
export class TcpLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(port: number, server: Server, sockets: Set<Socket>) {
    this.port = port;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** A line to `port` of 127.0.0.1. */
  static async to(port: number, faults: TcpLineFaults = {}): Promise<TcpLine> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => join(near, connect(port, "127.0.0.1"), faults, sockets));
    return new TcpLine(await listenOn(server, 0), server, sockets);
  }

  /** How many are connected through it. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Cuts everything that is connected; who connects again is let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts, and lets nobody through until {@link mend}. */
  async sever(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  async mend(): Promise<void> {
    await listenOn(this.#server, this.port);
  }

  /** Lets nothing through in either direction, and closes nothing, until {@link resume}. */
  hold(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.sever();
  }
}

function join(near: Socket, far: Socket, { cutsAnswerTo }: TcpLineFaults, sockets: Set<Socket>): void {
  let isCut = false;
  near.on("data", (chunk: Buffer) => {
    far.write(chunk);
    isCut ||= cutsAnswerTo?.(chunk) === true;
  });
  far.on("data", (chunk: Buffer) => {
    if (isCut) near.resetAndDestroy();
    else near.write(chunk);
  });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(one);
    one.setNoDelay(true);
    one.on("error", () => undefined); // It closes as well.
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
  }
}
