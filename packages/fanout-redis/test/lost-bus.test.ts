import { startRedis, TcpLine } from "@motet/services";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { RedisFanout } from "../src/index.js";
import { bytes, Ear, hasRedis, newPrefix, openNode, secret, url } from "./support.js";

describe.skipIf(!hasRedis)("a bus that is lost", () => {
  it("says so, takes calls meanwhile, and hears everything again once Redis is back (G2)", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const [one, two] = [await openNode({ url: server.url }), await openNode({ url: server.url })];
    await two.bus.subscribe("before");
    await server.kill();
    for (const { ear } of [one, two]) await ear.until("lost");
    expect([one.bus.isUp, two.bus.isUp]).toEqual([false, false]);
    await two.bus.subscribe("meanwhile");
    one.bus.publish("before", bytes("to nobody"));
    await server.start();
    for (const { ear } of [one, two]) await ear.until("restored", 2);
    for (const channel of ["before", "meanwhile"]) one.bus.publish(channel, bytes("again"));
    await two.ear.until("meanwhile: again");
    expect(two.ear.lines).toEqual(["restored", "lost", "restored", "before: again", "meanwhile: again"]);
  });

  it("because somebody at Redis ended the line is found again", async () => {
    const prefix = newPrefix();
    const [one, two] = [await openNode({ prefix }), await openNode({ prefix })];
    await two.bus.subscribe("c");
    const admin = new Redis(url);
    onTestFinished(() => admin.disconnect());
    await admin.call("CLIENT", ["KILL", "TYPE", "pubsub"]);
    await two.ear.until("restored", 2);
    one.bus.publish("c", bytes("again"));
    await two.ear.until("c: again");
  });

  it("without a word is found out by asking", async () => {
    const line = await TcpLine.to(Number(new URL(url).port));
    onTestFinished(() => line.close());
    const node = await openNode({ url: `redis://127.0.0.1:${line.port}`, heartbeatMs: 50 });
    line.hold();
    await node.ear.until("lost");
    line.cut();
    await node.ear.until("restored", 2);
  });

  it("when a node starts is no reason not to", async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    await server.kill();
    const node = { bus: new RedisFanout({ url: server.url, secret }), ear: new Ear() };
    onTestFinished(() => node.bus.close());
    node.bus.start(node.ear);
    await node.bus.subscribe("c");
    const other = await server.start().then(() => openNode({ url: server.url }));
    await node.ear.until("restored");
    other.bus.publish("c", bytes("hello"));
    await node.ear.until("c: hello");
  });
});
