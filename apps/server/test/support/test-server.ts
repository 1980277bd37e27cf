import { CollaborativeServer, type CollaborativeServerOptions } from "../../src/index.js";

/** A clock that stands still until the test moves it. */
export class TestClock {
  #nowMs = 1_700_000_000_000;

  readonly wallMs = () => this.#nowMs;
  readonly monotonicMs = () => this.#nowMs;

  advance(byMs: number): void {
    this.#nowMs += byMs;
  }
}

/** A server in this process on a free port of the loopback, its clock in the test's hand. */
export class TestServer {
  readonly clock = new TestClock();
  readonly defects: unknown[] = [];
  readonly server: CollaborativeServer;
  /** Such as `http://127.0.0.1:41234`. */
  address = "";

  constructor(options: CollaborativeServerOptions = {}) {
    this.server = new CollaborativeServer({
      port: 0,
      clock: this.clock,
      onEvent: (event) => void (event.type === "defect" && this.defects.push(event.error)),
      ...options,
      // Time stands still, so that nobody would ever earn the right to send more.
      limits: { messagesBurst: 1e9, bytesBurst: 1e12, admissionsBurst: 1e9, ...options.limits },
    });
  }

  static async start(options: CollaborativeServerOptions = {}): Promise<TestServer> {
    const world = new TestServer(options);
    world.address = await world.server.listen();
    return world;
  }

  /** Lets `byMs` pass, as the server's ticker sees it. */
  pass(byMs: number): void {
    this.clock.advance(byMs);
    this.server.tick();
  }

  /** Resolves once `condition` holds, which is asked once in each turn of the event loop. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}
