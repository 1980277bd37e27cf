import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  ClientConnection,
  type ClientConnectionOptions,
  type ConnectionEvent,
  type ConnectionState,
  closeCode,
  closeReason,
  Frame,
  nextConnectionState,
  type Socket,
  type SocketListener,
  TransportError,
} from "../src/index.js";
import { ManualClock, MemorySocket, Recorder } from "../src/testing/index.js";

/** A client, its clock, and a server that lives, dies and refuses as told. */
class World {
  readonly clock = new ManualClock();
  readonly events: string[] = [];
  /** The server's end of each line, and what it heard there. */
  readonly lines: { readonly socket: MemorySocket; readonly heard: Recorder }[] = [];
  attempts = 0;
  isUp = true;
  wake: () => void = () => {};
  readonly connection: ClientConnection;

  constructor(options: Partial<ClientConnectionOptions> = {}) {
    this.connection = new ClientConnection({
      open: (listener) => this.#open(listener),
      listener: {
        opened: () => this.events.push("opened"),
        text: (text) => this.events.push(text),
        binary: () => this.events.push("bytes"),
        lost: (code, reason) => this.events.push(`lost ${code} ${reason}`.trim()),
        refused: (code) => this.events.push(`refused ${code}`),
      },
      heartbeat: () => Frame.text("alive?"),
      random: () => 0.5,
      clock: this.clock,
      wakeUps: (wake) => {
        this.wake = wake;
        return () => {
          this.wake = () => {};
        };
      },
      ...options,
    });
  }

  static async connected(options: Partial<ClientConnectionOptions> = {}): Promise<World> {
    const world = new World(options);
    world.connection.start();
    await settle();
    return world;
  }

  /** The newest line, as the server sees it. */
  get line() {
    return this.lines.at(-1)!;
  }

  async pass(byMs: number): Promise<void> {
    for (let left = byMs; left > 0; left -= 250) {
      this.clock.advance(Math.min(250, left));
      await settle();
    }
  }

  async #open(listener: SocketListener): Promise<Socket> {
    this.attempts++;
    if (!this.isUp) throw new Error("no server");
    const [near, far] = MemorySocket.pair();
    near.listen(listener);
    this.lines.push({ socket: far, heard: far.listen(new Recorder()) });
    return near;
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

describe("the states of a connection", () => {
  const states = Object.keys(nextConnectionState) as ConnectionState[];
  const leads = (event: ConnectionEvent) => states.map((state) => nextConnectionState[state][event]);

  it("lead out of every other one on start, and to idle on stop", () => {
    expect(leads("start")).toEqual(["connecting", "connecting", "open", "connecting", "connecting"]);
    expect(leads("stop")).toEqual(["idle", "idle", "idle", "idle", "idle"]);
  });

  it("lead out of a refusal by nothing that happens by itself", () => {
    for (const event of ["opened", "lost", "retry"] as const)
      expect(nextConnectionState.refused[event]).toBe("refused");
  });
});

describe("a client's connection", () => {
  it("carries text and bytes", async () => {
    const { connection, events, line } = await World.connected();
    connection.send(Frame.text("hello"));
    line.socket.send("welcome");
    line.socket.send(Frame.binary(Uint8Array.of(1)));
    await settle();
    expect(line.heard.texts).toEqual(["hello"]);
    expect(events).toEqual(["opened", "welcome", "bytes"]);
  });

  it("says when it took nothing", async () => {
    const world = new World();
    expect(world.connection.send(Frame.text("hello"))).toBe(false);
  });

  it("comes back after the line was cut, after a random wait below half a second", async () => {
    const world = await World.connected();
    world.line.socket.terminate();
    await settle();
    expect(world.connection.state).toBe("waiting");
    world.clock.advance(249);
    expect(world.attempts).toBe(1);
    world.clock.advance(1);
    await settle();
    expect([world.attempts, world.connection.state]).toEqual([2, "open"]);
  });

  it.each([
    ["soon after a line that held for ten seconds", 10_000, 2],
    ["ever later while the server lets everyone in and throws everyone out", 9_750, 1],
  ])("comes back %s", async (_when, heldMs, attempts) => {
    const world = new World({ limits: { heartbeatIntervalMs: 1_000_000 } });
    world.isUp = false;
    world.connection.start();
    await world.pass(60_000);
    world.isUp = true;
    await world.pass(30_000);
    world.connection.settled();
    await world.pass(heldMs);
    const before = world.attempts;
    world.line.socket.terminate();
    await settle();
    await world.pass(250);
    expect(world.attempts - before + 1).toBe(attempts);
  });

  it("gives up for good when the server says so, until it is started again", async () => {
    const world = await World.connected();
    world.line.socket.close(closeCode.forbidden, "not yours");
    await settle();
    await world.pass(600_000);
    expect([world.events.at(-1), world.attempts]).toEqual(["refused 4403", 1]);
    world.wake();
    await world.pass(600_000);
    expect(world.attempts).toBe(1);
    world.connection.start();
    await settle();
    expect(world.connection.state).toBe("open");
  });

  it("fetches another token when a good one has run out, and gives up when a fresh one does not hold", async () => {
    const world = await World.connected();
    world.connection.settled();
    world.line.socket.close(closeCode.unauthenticated, "expired");
    await settle();
    await world.pass(500);
    expect(world.connection.state).toBe("open");
    world.line.socket.close(closeCode.unauthenticated, "who are you?");
    await settle();
    expect(world.events.at(-1)).toBe("refused 4401");
  });

  it("waits as long as the server asks, even when the page wakes up meanwhile", async () => {
    const world = await World.connected();
    world.line.socket.close(closeCode.restart, closeReason("back soon", 7_000));
    await settle();
    world.wake();
    world.clock.advance(6_999);
    expect(world.attempts).toBe(1);
    world.clock.advance(1);
    expect(world.attempts).toBe(2);
  });

  it("comes exactly when a server told it that lets in so many at a time", async () => {
    const cause = new TransportError("UNREACHABLE", "full", { retryAfterMs: 7_000 });
    let attempts = 0;
    const world = new World({
      open: () => {
        attempts++;
        return Promise.reject(cause);
      },
    });
    world.connection.start();
    await settle();
    world.wake();
    world.clock.advance(6_999);
    expect(attempts).toBe(1);
    world.clock.advance(1);
    expect(attempts).toBe(2);
  });

  it.each([["restart; retry-ms=99999999999"], ["restart; retry-ms=-1"], ["retry-ms=1e9"]])(
    "is not put to sleep by a nonsensical wish: %s",
    async (reason) => {
      const world = await World.connected();
      world.line.socket.close(closeCode.restart, reason);
      await settle();
      world.clock.advance(500);
      expect(world.attempts).toBe(2);
    },
  );

  it("ends an attempt that takes longer than ten seconds, and closes the line that comes too late", async () => {
    const late = MemorySocket.pair();
    let arrive = (_: Socket) => {};
    const world = new World({ open: () => new Promise((resolve) => (arrive = resolve)) });
    world.connection.start();
    world.clock.advance(10_000);
    arrive(late[0]);
    await settle();
    expect([world.connection.state, late[0].isOpen]).toEqual(["waiting", false]);
  });

  it("takes an opener that throws for one that fails", async () => {
    const world = await World.connected({
      open: () => {
        throw new Error("no such address");
      },
    });
    expect(world.connection.state).toBe("waiting");
  });

  it("ends when it is stopped, and reports nothing any more", async () => {
    const world = await World.connected();
    world.connection.stop();
    await settle();
    expect(world.line.heard.closedWith?.code).toBe(closeCode.normal);
    await world.pass(60_000);
    expect([world.events, world.attempts, world.clock.waiting]).toEqual([["opened"], 1, 0]);
  });

  it("drops a server that makes no sense, and tries again later", async () => {
    const world = await World.connected();
    world.connection.drop(closeCode.protocol, "nonsense");
    await settle();
    expect([world.connection.state, world.line.heard.closedWith?.code]).toEqual([
      "waiting",
      closeCode.protocol,
    ]);
  });
});

describe("a silent server", () => {
  it("is asked after 15 s and given up after 30", async () => {
    const world = await World.connected();
    world.line.socket.pause();
    await world.pass(29_750);
    expect(world.connection.state).toBe("open");
    await world.pass(250);
    expect(world.events.at(-1)).toBe("lost 1006 the server is silent");
    world.line.socket.resume();
    await settle();
    expect([world.lines[0]?.heard.texts, world.lines[0]?.heard.closedWith?.code]).toEqual([["alive?"], 1006]);
  });

  it("is not asked while it talks", async () => {
    const world = await World.connected();
    for (let second = 0; second < 60; second += 10) {
      await world.pass(10_000);
      world.line.socket.send("news");
      await settle();
    }
    expect([world.line.heard.texts, world.connection.state]).toEqual([[], "open"]);
  });

  it("keeps its line when it answers, however often it is asked", async () => {
    const world = await World.connected();
    for (let minute = 0; minute < 4; minute++) {
      await world.pass(15_000);
      world.line.socket.send("alive");
      await settle();
    }
    expect([world.line.heard.texts.length, world.attempts]).toEqual([4, 1]);
  });
});

describe("a laptop that slept", () => {
  it("comes back with one attempt, though its timers and the page's events all come at once", async () => {
    const world = await World.connected();
    world.line.socket.pause();
    world.clock.sleep(3_600_000);
    for (let event = 0; event < 10; event++) world.wake();
    await settle();
    expect(world.connection.state).toBe("open"); // The line is doubted, not yet given up.
    await world.pass(5_500);
    expect([world.attempts, world.connection.state]).toEqual([2, "open"]);
  });

  it("keeps a line that outlived the sleep", async () => {
    const world = await World.connected();
    world.clock.sleep(60_000);
    await settle();
    world.line.socket.send("alive");
    await settle();
    await world.pass(14_000);
    expect([world.line.heard.texts, world.attempts]).toEqual([["alive?"], 1]);
  });

  it("tries at once when it wakes up while waiting, but not more often than once a second", async () => {
    const world = new World({ random: () => 0.99 });
    world.isUp = false;
    world.connection.start();
    for (let quarter = 0; quarter < 40; quarter++) {
      await world.pass(250);
      world.wake();
      await settle();
    }
    expect(world.attempts).toBeLessThanOrEqual(11);
  });
});

describe("a server that is down for a day", () => {
  it.each(seeds(5))("is asked less than once in 14 s on average, seed %i", async (seed) => {
    const rng = random(seed);
    const world = new World({ random: () => rng.int(2 ** 20) / 2 ** 20 });
    world.isUp = false;
    world.connection.start();
    for (let minute = 0; minute < 24 * 60; minute++) {
      world.clock.advance(60_000);
      await settle();
      world.clock.advance(0);
    }
    expect(world.attempts).toBeLessThan((24 * 3_600) / 14);
    expect(world.attempts).toBeGreaterThan(1_000);
  });
});
