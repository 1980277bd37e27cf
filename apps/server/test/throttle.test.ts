import { describe, expect, it } from "vitest";
import { defaultServerLimits } from "../src/limits.js";
import { Throttle } from "../src/throttle.js";
import { TokenBucket } from "../src/token-bucket.js";

describe("a bucket of ten tokens that gains five a second", () => {
  const bucket = () => new TokenBucket({ perSecond: 5, burst: 10 }, 1_000);

  it("gives what it holds at once, and may be overdrawn", () => {
    const it = bucket();
    expect(it.spend(10, 1_000)).toBe(0);
    expect(it.spend(3, 1_000)).toBe(-3);
  });

  it("gains with time, and holds no more than it can", () => {
    const it = bucket();
    it.spend(12, 1_000);
    expect(it.spend(0, 1_200)).toBe(-1);
    expect(it.spend(0, 1_400)).toBe(0);
    expect(it.spend(0, 100_000)).toBe(10);
  });

  it("gains nothing from a clock that goes back", () => {
    const it = bucket();
    it.spend(10, 2_000);
    expect(it.spend(0, 1_000)).toBe(0);
    expect(it.spend(0, 2_000)).toBe(0);
  });
});

/** A throttle, and connections whose lines say whether they are read. */
class World {
  queuedBytes = 0;
  readonly dismissed: number[] = [];
  readonly limits = {
    ...defaultServerLimits,
    messagesPerSecond: 10,
    messagesBurst: 20,
    messagesDebtMax: 5,
    bytesPerSecond: 1_000,
    bytesBurst: 1_000_000,
    queuedBytesMax: 1_000_000,
  };
  readonly throttle = new Throttle({
    limits: this.limits,
    queuedBytes: () => this.queuedBytes,
    dismiss: (_sender, code) => this.dismissed.push(code),
  });

  line() {
    const line = { isRead: true };
    const pause = () => {
      line.isRead = false;
    };
    const resume = () => {
      line.isRead = true;
    };
    return Object.assign(line, { socket: { pause, resume }, ...Throttle.bucketsFor(this.limits, 0) });
  }
}

describe("a connection", () => {
  it("that sends too many messages is not read until it has waited for them", () => {
    const world = new World();
    const [ann, bob] = [world.line(), world.line()];
    for (let sent = 0; sent < 20; sent++) world.throttle.spend(ann, 10, 0);
    expect(ann.isRead).toBe(true);
    world.throttle.spend(ann, 10, 0);
    world.throttle.spend(bob, 10, 0);
    expect([ann.isRead, bob.isRead]).toEqual([false, true]);
    world.throttle.tend(99);
    expect(ann.isRead).toBe(false);
    world.throttle.tend(101);
    expect(ann.isRead).toBe(true);
    expect(world.dismissed).toEqual([]);
  });

  it("that sends too many bytes waits as well", () => {
    const world = new World();
    const ann = world.line();
    world.throttle.spend(ann, 1_001_000, 0);
    expect(ann.isRead).toBe(false);
    world.throttle.tend(1_000);
    expect(ann.isRead).toBe(true);
  });

  it("that speaks to a crowd waits the sooner, the larger that is", () => {
    const world = new World();
    const [ann, bob] = [world.line(), world.line()];
    world.throttle.told(ann, 200, 0);
    world.throttle.told(bob, 210, 0);
    expect([ann.isRead, bob.isRead]).toEqual([true, false]);
    world.throttle.tend(101);
    expect([bob.isRead, world.dismissed]).toEqual([true, []]);
  });

  it("that owes too much though it is not read any more is closed", () => {
    const world = new World();
    const ann = world.line();
    for (let sent = 0; sent < 25; sent++) expect(world.throttle.spend(ann, 0, 0)).toBe(true);
    expect(world.throttle.spend(ann, 0, 0)).toBe(false);
    expect(world.dismissed).toEqual([4429]);
  });

  it("that is gone is not read again", () => {
    const world = new World();
    const ann = world.line();
    for (let sent = 0; sent < 21; sent++) world.throttle.spend(ann, 0, 0);
    world.throttle.forget(ann);
    world.throttle.tend(10_000);
    expect([ann.isRead, world.throttle.paused.size]).toEqual([false, 0]);
  });
});

it("a store that does not keep up stops its writers, until half of what waits is stored", () => {
  const world = new World();
  const [ann, bob] = [world.line(), world.line()];
  world.queuedBytes = 1_000_001;
  const cem = world.line();
  world.throttle.wrote(ann, 262_144);
  world.throttle.wrote(bob, 10);
  world.throttle.spend(cem, 10, 0);
  expect([ann.isRead, bob.isRead, cem.isRead]).toEqual([false, false, true]);
  world.queuedBytes = 500_001;
  world.throttle.tend(0);
  expect(ann.isRead).toBe(false);
  world.queuedBytes = 500_000;
  world.throttle.tend(0);
  expect([ann.isRead, bob.isRead]).toEqual([true, true]);
});
