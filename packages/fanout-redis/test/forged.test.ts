import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { RedisFanout } from "../src/index.js";
import { bytes, hasRedis, newPrefix, openNode, url } from "./support.js";

/** Somebody who reaches Redis and does not know the secret. */
async function stranger(prefix: string) {
  const [ear, mouth] = [new Redis(url), new Redis(url)];
  onTestFinished(() => [ear, mouth].forEach((line) => void line.disconnect()));
  const overheard: Buffer[] = [];
  ear.on("messageBuffer", (_: Buffer, envelope: Buffer) => overheard.push(envelope));
  await ear.subscribe(`${prefix}c`, `${prefix}other`);
  const say = (channel: string, envelope: Buffer | string) => mouth.publish(prefix + channel, envelope);
  return { overheard, say };
}

describe.skipIf(!hasRedis)("what a stranger on the bus sends", () => {
  it("is ignored and reported: garbage, a message changed, moved to another channel, or sealed with another secret (D16)", async () => {
    const prefix = newPrefix();
    const [one, two] = [await openNode({ prefix }), await openNode({ prefix })];
    const { strangers } = two.ear;
    const other = await openNode({ prefix, secret: "known to somebody else" });
    const eve = await stranger(prefix);
    for (const channel of ["c", "other"]) await two.bus.subscribe(channel);
    one.bus.publish("c", bytes("honest"));
    await two.ear.until("c: honest");
    while (eve.overheard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [sealed] = eve.overheard;
    const changed = Buffer.from(sealed!);
    changed[changed.length - 1]! ^= 1;
    await eve.say("c", changed);
    await eve.say("other", sealed!);
    for (const garbage of ["", "\u0001", "x".repeat(1_000)]) await eve.say("c", garbage);
    other.bus.publish("c", bytes("forged"));
    one.bus.publish("c", bytes("last"));
    await two.ear.until("c: last");
    while (strangers.length < 6) await new Promise((resolve) => setImmediate(resolve));
    expect(two.ear.lines).toEqual(["restored", "c: honest", "c: last"]);
    expect(strangers.sort()).toEqual(["c", "c", "c", "c", "c", "other"]);
  });

  it("changes nothing when it is an honest message said again", async () => {
    const prefix = newPrefix();
    const [one, two] = [await openNode({ prefix }), await openNode({ prefix })];
    const eve = await stranger(prefix);
    await two.bus.subscribe("c");
    for (const word of ["first", "second"]) one.bus.publish("c", bytes(word));
    await two.ear.until("c: second");
    while (eve.overheard.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const envelope of eve.overheard.slice(0, 2)) await eve.say("c", envelope);
    one.bus.publish("c", bytes("third"));
    await two.ear.until("c: third");
    expect(two.ear.lines).toEqual(["restored", "c: first", "c: second", "c: third"]);
  });
});

describe("a fan-out", () => {
  it("is not made without a secret unless its network is trusted by name, and not with one that is guessed", () => {
    expect(() => new RedisFanout({ url: "redis://localhost" })).toThrow("secret");
    expect(() => new RedisFanout({ url: "redis://localhost", secret: "short" })).toThrow("16");
    expect(() => new RedisFanout({ url: "http://localhost", trustsNetwork: true })).toThrow("redis://");
    expect(new RedisFanout({ url: "redis://localhost", trustsNetwork: true }).isUp).toBe(false);
  });
});
