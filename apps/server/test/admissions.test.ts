import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Admissions } from "../src/admissions.js";
import { defaultServerLimits } from "../src/index.js";
import { TestServer } from "./support/test-server.js";

describe("a server that lets in 10 a second, 20 at once", () => {
  const limits = { ...defaultServerLimits, admissionsPerSecond: 10, admissionsBurst: 20 };

  it("lets the first 20 in, and tells each of the others a time of their own", () => {
    const admissions = new Admissions(limits, 0);
    const waits = Array.from({ length: 25 }, () => admissions.ask(0));
    expect(waits.slice(0, 20).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(20)).toEqual([100, 200, 300, 400, 500]);
  });

  it("lets everybody in who comes when they were told", () => {
    const admissions = new Admissions(limits, 0);
    const waits = Array.from({ length: 120 }, () => admissions.ask(0)).filter((wait) => wait > 0);
    expect(waits.map((wait) => admissions.ask(wait)).every((wait) => wait === 0)).toBe(true);
  });

  it("tells nobody to wait for more than half a minute", () => {
    const admissions = new Admissions(limits, 0);
    const waits = Array.from({ length: 2_000 }, () => admissions.ask(0));
    expect(Math.max(...waits)).toBe(30_000);
  });
});

describe("who comes while others are let in", () => {
  let world: TestServer | undefined;
  afterEach(() => world?.close());

  /** The answer to an upgrade: its status and when to come again. */
  function knock(address: string): Promise<[number, string | undefined]> {
    const line = new WebSocket(`${address.replace("http", "ws")}/documents/page`);
    line.on("error", () => {});
    return new Promise((resolve) => {
      line.on("open", () => resolve([101, undefined]));
      line.on("unexpected-response", (_request, response) =>
        resolve([response.statusCode ?? 0, response.headers["retry-after"]]),
      );
    });
  }

  it("is told when to come again", async () => {
    world = await TestServer.start({ limits: { admissionsPerSecond: 1, admissionsBurst: 2 } });
    const answers = [];
    for (let at = 0; at < 4; at++) answers.push(await knock(world.address));
    expect(answers).toEqual([
      [101, undefined],
      [101, undefined],
      [503, "1"],
      [503, "2"],
    ]);
    world.pass(1_000);
    expect((await knock(world.address))[0]).toBe(101);
  });
});
