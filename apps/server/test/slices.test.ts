import { expect, it } from "vitest";
import { Slices } from "../src/slices.js";

/** A clock, turns of an event loop that come when the test says so, and messages that say how many milliseconds they take. */
class World {
  nowMs = 0;
  readonly heard: string[] = [];
  readonly throttled = new Set<Line>();
  #work: (() => void)[] = [];
  readonly slices = new Slices<Line>({
    process: (line, data) => {
      this.heard.push(`${line.name} ${data}`);
      this.nowMs += Number(data);
    },
    nowMs: () => this.nowMs,
    endOfTurn: (work) => void this.#work.push(work),
    mayRead: (line) => !this.throttled.has(line),
  });

  line(name: string): Line {
    const line = { name, isRead: true, socket: {} };
    line.socket = {
      pause: () => {
        line.isRead = false;
      },
      resume: () => {
        line.isRead = true;
      },
    };
    return line;
  }

  say(line: Line, ...took: number[]): void {
    for (const ms of took) this.slices.take(line, String(ms), this.nowMs);
  }

  /** What is heard in the turn that begins now, and in the one after it by whoever still waits. */
  turn(): string[] {
    this.heard.length = 0;
    for (const work of this.#work.splice(0)) work();
    return [...this.heard];
  }
}

interface Line {
  readonly name: string;
  isRead: boolean;
  socket: object;
}

it("one after the other is heard, whatever one of them says at once", () => {
  const world = new World();
  const [mallory, ann] = [world.line("mallory"), world.line("ann")];
  world.say(mallory, 4, 4, 4, 4, 4, 4, 4, 4);
  world.say(ann, 1);
  expect(world.heard).toEqual(["mallory 4", "mallory 4", "mallory 4", "ann 1"]);
  expect([mallory.isRead, ann.isRead]).toEqual([false, true]);
  expect(world.turn()).toEqual(["mallory 4", "mallory 4", "mallory 4"]);
  world.say(ann, 1);
  expect(world.turn()).toEqual(["mallory 4", "mallory 4"]);
  expect([mallory.isRead, world.turn()]).toEqual([true, []]);
});

it("what takes long is heard all the same, and what comes behind it in order", () => {
  const world = new World();
  const ann = world.line("ann");
  world.say(ann, 500, 1);
  expect(world.heard).toEqual(["ann 500"]);
  world.say(ann, 2);
  expect(world.turn()).toEqual(["ann 1", "ann 2"]);
  world.say(ann, 3);
  expect(world.heard.at(-1)).toBe("ann 3");
});

it("who may not be read for other reasons is not read when it has been heard", () => {
  const world = new World();
  const ann = world.line("ann");
  world.say(ann, 10, 1);
  world.throttled.add(ann);
  expect([world.turn(), ann.isRead]).toEqual([["ann 1"], false]);
});

it("what somebody said before they went is heard; of who is sent away, nothing more", () => {
  const world = new World();
  const [ann, mallory] = [world.line("ann"), world.line("mallory")];
  for (const line of [ann, mallory]) world.say(line, 10, 1, 2);
  world.slices.finish(ann);
  world.slices.forget(mallory);
  expect(world.heard.filter((one) => one.startsWith("ann"))).toEqual(["ann 10", "ann 1", "ann 2"]);
  expect(world.turn()).toEqual([]);
});

it("a message in a read buffer that is written to again is heard as it was", () => {
  const world = new World();
  const ann = world.line("ann");
  const buffer = Uint8Array.of(1);
  world.say(ann, 10);
  world.slices.take(ann, buffer, world.nowMs);
  buffer[0] = 9;
  expect(world.turn()).toEqual(["ann 1"]);
});
