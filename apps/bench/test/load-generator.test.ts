import { CollaborativeServer } from "@motet/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DIALECTS } from "../src/server/dialects/dialects.js";
import { Crowd, type Place } from "../src/server/generator/crowd.js";
import { typingSession } from "../src/text/traces/typing-session.js";

describe.each(["motet", "motet, composing"] as const)("the load generator, speaking %s", (name) => {
  let server: CollaborativeServer;
  let place: Place;
  const crowds: Crowd[] = [];
  const crowd = (): Crowd => {
    crowds.push(new Crowd(place));
    return crowds.at(-1)!;
  };

  beforeEach(async () => {
    server = new CollaborativeServer({ port: 0 });
    place = { dialect: DIALECTS[name], address: (await server.listen()).replace("http", "ws") };
  });
  afterEach(async () => {
    for (const one of crowds.splice(0)) one.leave();
    await server.close();
  });

  it("follows each edit to everybody else, and to its acknowledgement", async () => {
    const people = crowd();
    await people.join(1, 3);
    const [ann] = people.people;
    const seen = new Promise<void>((resolve) => {
      people.onSeen = () => people.deliveryMs.length === 20 && resolve();
    });
    for (let edit = 0; edit < 10; edit++) ann!.edit();
    await seen;
    await expect.poll(() => ann!.acked).toBe(10);
    expect(people.ackMs).toHaveLength(10);
  });

  it("puts a document in with its history, and joins it", async () => {
    const trace = typingSession("session", 1, 2_000);
    const writer = crowd().add("paper");
    await writer.joined;
    writer.speaker.upload(trace);
    await expect
      .poll(async () => {
        const reader = crowd().add("paper", true);
        await reader.joined;
        return reader.speaker.text();
      })
      .toBe(trace.endContent);
  });
});
