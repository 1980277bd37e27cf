import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  ConnectionManager,
  closeCode,
  Frame,
  type ServerMessage,
  type Socket,
  TransportError,
} from "../src/index.js";
import { ManualClock, MemorySocket, Recorder } from "../src/testing/index.js";

const hello: ServerMessage = { type: "heartbeat", user_id: "ann", doc_id: "minutes", server_time_ms: 1 };

/** Microtasks and events that are under way have happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Connections in memory, each with a client at the other end that writes down what it hears. */
class World {
  readonly clock = new ManualClock(1_000_000);
  readonly manager = new ConnectionManager({
    heartbeatIntervalMs: 1_000,
    missedHeartbeatsMax: 2,
    outboxBytesMax: 1_000,
  });
  readonly clients = new Map<string, { socket: MemorySocket; heard: Recorder }>();
  readonly servers = new Map<string, Recorder>();

  join(id: string, document = "acme/minutes"): Recorder {
    const [near, far] = MemorySocket.pair();
    const heard = far.listen(new Recorder());
    this.clients.set(id, { socket: far, heard });
    this.servers.set(id, near.listen(new Recorder()));
    this.connect(id, near, document);
    return heard;
  }

  connect(id: string, socket: Socket, document = "acme/minutes") {
    return this.manager.connect({ id, socket, document, user: id, nowMs: this.clock.nowMs });
  }
}

describe("a broadcast", () => {
  it("reaches everyone in the document but its sender, and no one in another", async () => {
    const world = new World();
    const [ann, bob, cid] = ["ann", "bob", "cid"].map((id) => world.join(id));
    const dan = world.join("dan", "other/minutes");
    expect(world.manager.broadcast("acme/minutes", hello, { except: "ann" })).toBe(2);
    await settled();
    expect([ann, bob, cid, dan].map((client) => client?.messages)).toEqual([[], [hello], [hello], []]);
  });

  it("reaches everyone when no sender is named, and no one in an empty document", async () => {
    const world = new World();
    world.join("ann");
    expect(world.manager.broadcast("acme/minutes", hello)).toBe(1);
    expect(world.manager.broadcast("acme/empty", hello)).toBe(0);
  });

  it("is encoded once for all its readers", () => {
    const world = new World();
    const sent: Frame[] = [];
    for (const id of ["ann", "bob", "cid"])
      world.connect(id, socketThat({ send: (frame) => sent.push(frame) }));
    world.manager.broadcast("acme/minutes", hello);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((frame) => frame.bytes)).size).toBe(1);
    expect(new TextDecoder().decode(sent[0]?.bytes)).toBe(JSON.stringify(hello));
  });

  it("passes over a socket that throws and one that is closed", async () => {
    const world = new World();
    const ann = world.join("ann");
    const cut: string[] = [];
    const broken = () => {
      throw new Error("EPIPE");
    };
    world.connect("bob", socketThat({ send: broken, terminate: () => cut.push("bob") }));
    world.connect("cid", socketThat({ send: broken, terminate: broken, close: broken, ping: broken }));
    world.connect("dan", socketThat({ isOpen: false }));
    const eve = world.join("eve");
    expect(world.manager.broadcast("acme/minutes", hello)).toBe(2);
    await settled();
    expect([ann.messages, eve.messages]).toEqual([[hello], [hello]]);
    expect(cut).toEqual(["bob"]);
  });

  it("carries a frame that was made beforehand, text or binary", async () => {
    const world = new World();
    const ann = world.join("ann");
    world.manager.broadcast("acme/minutes", Frame.binary(Uint8Array.of(1, 2, 3)));
    world.manager.send("ann", Frame.text("hi"));
    await settled();
    expect([ann.binaries, ann.texts]).toEqual([[Uint8Array.of(1, 2, 3)], ["hi"]]);
  });
});

describe("a connection", () => {
  it("is known from connect to disconnect, and its socket is closed then", async () => {
    const world = new World();
    const ann = world.join("ann");
    expect(world.manager.get("ann")?.user).toBe("ann");
    expect(world.manager.disconnect("ann", closeCode.restart, "back soon")?.id).toBe("ann");
    expect([world.manager.size, world.manager.get("ann"), [...world.manager.documents]]).toEqual([
      0,
      undefined,
      [],
    ]);
    await settled();
    expect(ann.closedWith).toEqual({ code: closeCode.restart, reason: "back soon" });
  });

  it("is disconnected once: the second time there is nothing to clean up", () => {
    const world = new World();
    world.join("ann");
    expect(world.manager.disconnect("ann")).toBeDefined();
    expect(world.manager.disconnect("ann")).toBeUndefined();
    expect(world.manager.send("ann", hello)).toBe(false);
    world.manager.heartbeat("ann", world.clock.nowMs);
    expect(world.manager.size).toBe(0);
  });

  it("keeps its id to itself", () => {
    const world = new World();
    world.join("ann");
    expect(() => world.join("ann", "other/minutes")).toThrow(TransportError);
    expect(world.manager.connections("other/minutes")).toEqual([]);
  });

  it("may be called __proto__, and so may its document", () => {
    const world = new World();
    world.join("__proto__", "__proto__/constructor");
    expect(world.manager.broadcast("__proto__/constructor", hello)).toBe(1);
    expect(world.manager.connections("constructor")).toEqual([]);
  });

  it.each(seeds(20))("is in its document's list exactly while it is connected, seed %i", (seed) => {
    const rng = random(seed);
    const manager = new ConnectionManager();
    const model = new Map<string, string>();
    for (let step = 0; step < 300; step++) {
      const [id, document] = [`c${rng.int(20)}`, `d${rng.int(3)}`];
      if (model.delete(id)) manager.disconnect(id);
      else {
        manager.connect({ id, socket: socketThat({}), document, user: id, nowMs: 0 });
        model.set(id, document);
      }
      const ids = (of: string) => [...model].filter(([, d]) => d === of).map(([c]) => c);
      const known = (of: string) => manager.connections(of).map((connection) => connection.id);
      for (const d of ["d0", "d1", "d2"]) expect(known(d).sort()).toEqual(ids(d).sort());
      expect(manager.size).toBe(model.size);
    }
  });
});

describe("a heartbeat", () => {
  it("keeps a connection as long as no more are missed than allowed", () => {
    const { manager, clock, join } = bound(new World());
    join("ann");
    expect(manager.cleanupDeadConnections(clock.advance(2_999))).toEqual([]);
    manager.heartbeat("ann", clock.nowMs);
    expect(manager.cleanupDeadConnections(clock.advance(2_999))).toEqual([]);
    expect(manager.cleanupDeadConnections(clock.advance(1)).map(({ id }) => id)).toEqual(["ann"]);
  });

  it("missed once too often, the connection is gone, its socket is cut, and the others stay", async () => {
    const world = new World();
    const { manager, clock } = world;
    const ann = world.join("ann");
    const bob = world.join("bob");
    clock.advance(3_000);
    manager.heartbeat("bob", clock.nowMs);
    expect(manager.cleanupDeadConnections(clock.nowMs)).toMatchObject([
      { id: "ann", document: "acme/minutes" },
    ]);
    expect(manager.cleanupDeadConnections(clock.nowMs)).toEqual([]);
    expect(manager.broadcast("acme/minutes", hello)).toBe(1);
    await settled();
    expect([ann.closedWith?.code, ann.messages, bob.messages]).toEqual([1006, [], [hello]]);
  });

  it("of a clock that went back makes nobody older", () => {
    const { manager, clock, join } = bound(new World());
    join("ann");
    manager.heartbeat("ann", clock.nowMs - 3_600_000);
    expect(manager.get("ann")?.lastHeardMs).toBe(clock.nowMs);
    expect(manager.cleanupDeadConnections(clock.nowMs - 3_600_000)).toEqual([]);
  });

  it("is asked for where it is overdue, and the answer is heard", async () => {
    const world = new World();
    const ann = world.join("ann");
    const bob = world.join("bob");
    world.manager.heartbeat("bob", world.clock.advance(1_000));
    world.manager.pingSilent(world.clock.nowMs);
    await settled();
    expect([ann.heardCount, world.servers.get("ann")?.heardCount, bob.heardCount]).toEqual([1, 1, 0]);
  });

  it("is not asked for where the question would only queue", () => {
    const world = new World();
    const pings: string[] = [];
    world.connect("ann", socketThat({ bufferedBytes: 1, ping: () => pings.push("ann") }));
    world.connect("bob", socketThat({ ping: () => pings.push("bob") }));
    world.manager.pingSilent(world.clock.advance(1_000));
    expect(pings).toEqual(["bob"]);
  });
});

function bound(world: World) {
  return { manager: world.manager, clock: world.clock, join: world.join.bind(world) };
}

function socketThat(
  differs: Partial<{ [K in keyof Socket]: Socket[K] | ((frame: Frame) => unknown) }>,
): Socket {
  const nothing = () => {};
  const quiet = {
    send: nothing,
    ping: nothing,
    close: nothing,
    terminate: nothing,
    bufferedBytes: 0,
    isOpen: true,
  };
  return { ...quiet, ...differs } as Socket;
}
