import { describe, expect, it } from "vitest";
import { ConnectionManager, Frame, type ReaderKind } from "../src/index.js";
import { MemorySocket, Recorder } from "../src/testing/index.js";

const ROOM = "acme/minutes";

/** Microtasks and events that are under way have happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Readers who can be stalled, in one document whose tail holds 10,000 bytes. */
class World {
  readonly manager = new ConnectionManager(
    { outboxBytesMax: 1_000, tailBytesMax: 10_000, behindMsMax: 5_000 },
    {
      fellBehind: ({ id }) => this.events.push(`${id} fell behind`),
      caughtUp: ({ id }) => this.events.push(`${id} caught up`),
      lost: ({ id }, canResync) => this.events.push(`${id} lost${canResync ? "" : " for good"}`),
    },
  );
  readonly events: string[] = [];
  readonly lines = new Map<string, { far: MemorySocket; near: MemorySocket }>();
  nowMs = 0;

  join(id: string, kind: ReaderKind = "json"): Recorder {
    const [near, far] = MemorySocket.pair();
    this.lines.set(id, { near, far });
    near.listen(new Recorder());
    this.manager.connect({ id, socket: near, document: ROOM, user: id, kind, nowMs: 0 });
    return far.listen(new Recorder());
  }

  /** Says `count` changes of 100 bytes, numbered from `from`; `author` is told otherwise. */
  say(count: number, from = 0, author?: string): void {
    for (let number = from; number < from + count; number++) {
      const news = Frame.text(`${number}`.padEnd(100));
      const ack = Frame.text(`ack ${number}`.padEnd(100));
      const frameOf = ({ id }: { id: string }) => (id === author ? ack : news);
      this.manager.publish(ROOM, { frameOf, bytes: 200, isChange: true });
    }
  }

  async tend(): Promise<string[]> {
    await settled();
    const slow = this.manager.tendReaders(this.nowMs).map(({ id }) => id);
    await settled();
    return slow;
  }

  stall(id: string): void {
    this.lines.get(id)?.far.pause();
  }

  resume(id: string): void {
    this.lines.get(id)?.far.resume();
  }

  queued(id: string): number {
    return this.lines.get(id)?.near.bufferedBytes ?? 0;
  }
}

const numbers = (texts: readonly string[]) => texts.map((text) => text.trim());
const upTo = (count: number) => Array.from({ length: count }, (_, number) => `${number}`);

describe("a reader who does not read", () => {
  it("costs no more than its outbox, and hears the rest in order when it reads again", async () => {
    const world = new World();
    const [ann, bob] = [world.join("ann"), world.join("bob")];
    world.stall("ann");
    world.say(30);
    expect(world.queued("ann")).toBeLessThanOrEqual(1_100);
    world.resume("ann");
    for (let round = 0; round < 4; round++) await world.tend();
    expect(numbers(ann.texts)).toEqual(upTo(30));
    expect(numbers(bob.texts)).toEqual(upTo(30));
    expect(world.events).toContain("ann caught up");
    expect(world.manager.backlog).toEqual({ readers: 0, bytes: 0 });
  });

  it("is told what was for it alone, in its place among what was for all", async () => {
    const world = new World();
    const ann = world.join("ann");
    world.stall("ann");
    world.say(12);
    world.say(1, 12, "ann");
    world.manager.send("ann", Frame.text("yours"));
    world.say(1, 13);
    world.resume("ann");
    for (let round = 0; round < 3; round++) await world.tend();
    expect(numbers(ann.texts)).toEqual([...upTo(12), "ack 12", "yours", "13"]);
  });

  it("goes on from what is said while it catches up", async () => {
    const world = new World();
    const ann = world.join("ann");
    world.stall("ann");
    world.say(15);
    world.resume("ann");
    await settled();
    world.say(5, 15);
    for (let round = 0; round < 3; round++) await world.tend();
    expect(numbers(ann.texts)).toEqual(upTo(20));
  });

  it("misses cursors", async () => {
    const world = new World();
    const ann = world.join("ann");
    world.stall("ann");
    world.say(20);
    expect(world.manager.broadcast(ROOM, Frame.text("cursor"))).toBe(0);
    world.manager.offer("ann", Frame.text("cursor"));
    world.resume("ann");
    for (let round = 0; round < 3; round++) await world.tend();
    expect(numbers(ann.texts)).toEqual(upTo(20));
  });

  it("holds no more than the tail however much is said, and is lost then", async () => {
    const world = new World();
    world.join("ann");
    world.join("bob", "replica");
    for (const id of ["ann", "bob"]) world.stall(id);
    world.say(1_000);
    expect(world.manager.backlog.readers).toBe(2);
    expect(world.manager.backlog.bytes).toBeLessThanOrEqual(10_000);
    for (const id of ["ann", "bob"]) world.resume(id);
    await world.tend();
    expect(world.events).toEqual(["ann fell behind", "bob fell behind", "ann lost for good", "bob lost"]);
  });

  it("gets the difference, and after it what was said since it was made", async () => {
    const world = new World();
    const bob = world.join("bob", "replica");
    world.stall("bob");
    world.say(1_000);
    world.resume("bob");
    await world.tend();
    world.say(2, 1_000);
    world.manager.resynced("bob", Frame.text("difference"));
    await settled();
    expect(numbers(bob.texts).slice(-3)).toEqual(["difference", "1000", "1001"]);
    world.say(1, 1_002);
    await settled();
    expect(numbers(bob.texts).at(-1)).toBe("1002");
  });

  it("hears beside the difference who has left meanwhile", async () => {
    const world = new World();
    const bob = world.join("bob", "replica");
    world.stall("bob");
    world.say(1_000);
    const left = Frame.text("cem left");
    world.manager.publish(ROOM, { frameOf: () => left, bytes: 8, isChange: false });
    world.say(1, 1_000);
    world.resume("bob");
    await world.tend();
    expect(world.events.at(-1)).toBe("bob lost");
    world.say(1, 1_001);
    world.manager.resynced("bob", Frame.text("difference"));
    await settled();
    expect(numbers(bob.texts).slice(-3)).toEqual(["difference", "cem left", "1001"]);
  });

  it("cannot be helped by a difference when something else was said to it", async () => {
    const world = new World();
    world.join("bob", "replica");
    world.join("cem", "replica");
    for (const id of ["bob", "cem"]) world.stall(id);
    world.say(20);
    world.manager.send("bob", Frame.text("your update was refused"));
    world.say(1_000);
    for (const id of ["bob", "cem"]) world.resume(id);
    await world.tend();
    expect(world.events.slice(2)).toEqual(["bob lost for good", "cem lost"]);
  });

  it("is named once it has been behind for too long, and forgotten when it goes", async () => {
    const world = new World();
    world.join("ann");
    world.stall("ann");
    world.say(20);
    expect(await world.tend()).toEqual([]);
    world.nowMs = 5_000;
    expect(await world.tend()).toEqual([]);
    world.nowMs = 5_001;
    expect(await world.tend()).toEqual(["ann"]);
    world.manager.disconnect("ann");
    expect(await world.tend()).toEqual([]);
    expect(world.manager.backlog).toEqual({ readers: 0, bytes: 0 });
  });
});
