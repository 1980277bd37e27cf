import { connect, createServer, type Server, type Socket } from "node:net";
import { listenOn } from "./free-port.js";

/** How often servers are asked whether they take clients, and how long they may think, in milliseconds. */
const ASK_MS = 200;
const ANSWER_MS = 1_000;

interface Target {
  readonly address: string;
  isReady: boolean;
  readonly sockets: Set<Socket>;
}

/**
 * Spreads TCP connections over servers that answer `/ready` with 200: each new one goes where the fewest are. What a server has
 * stays with it while it drains; when it does not answer at all, everything is cut, so that clients go elsewhere.
 */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #targets: readonly Target[];
  readonly #timer: NodeJS.Timeout;

  private constructor(port: number, server: Server, targets: readonly Target[]) {
    this.port = port;
    this.#server = server;
    this.#targets = targets;
    this.#timer = setInterval(() => this.#askAll(), ASK_MS);
  }

  /** @param addresses Such as `http://127.0.0.1:8081`. @param port 0 takes a free one. */
  static async over(addresses: readonly string[], port = 0): Promise<Balancer> {
    const targets = addresses.map((address): Target => ({ address, isReady: false, sockets: new Set() }));
    await Promise.all(targets.map(ask));
    const server = createServer({ pauseOnConnect: true }, (near) => pass(near, targets));
    return new Balancer(await listenOn(server, port), server, targets);
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves once clients are sent to that server, or none are any more. */
  async until(address: string, isReady: boolean): Promise<void> {
    const target = this.#targets.find((one) => one.address === address);
    while (target !== undefined && target.isReady !== isReady) {
      await ask(target);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const target of this.#targets) cut(target);
    await closed;
  }

  #askAll(): void {
    for (const target of this.#targets) void ask(target);
  }
}

async function ask(target: Target): Promise<void> {
  try {
    const answer = await fetch(`${target.address}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.arrayBuffer();
    target.isReady = answer.ok;
  } catch {
    target.isReady = false;
    cut(target);
  }
}

function cut({ sockets }: Target): void {
  for (const socket of sockets) socket.destroy();
}

/** Connects a client to the ready server with the fewest connections, and to the next one where that fails. */
function pass(near: Socket, targets: readonly Target[]): void {
  const ready = targets.filter(({ isReady }) => isReady);
  const [target] = ready.sort((left, right) => left.sockets.size - right.sockets.size);
  near.on("error", () => undefined); // It closes as well.
  if (target === undefined) {
    near.destroy();
    return;
  }
  const far = connect(Number(new URL(target.address).port), "127.0.0.1");
  target.sockets.add(far);
  let stands = false;
  far.once("connect", () => {
    stands = true;
    near.pipe(far);
    far.pipe(near);
  });
  far.on("error", () => undefined);
  far.once("close", () => {
    target.sockets.delete(far);
    if (stands || near.destroyed) near.destroy();
    else {
      target.isReady = false;
      pass(near, targets);
    }
  });
  near.once("close", () => far.destroy());
}
