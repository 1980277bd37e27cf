import { chromiumMissing, startChromium } from "@motet/services";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Guest, type GuestOptions } from "./guest.js";
import { House, type HouseOptions } from "./house.js";

const missing = chromiumMissing();

/** How long a test may take, on a machine that does much else, in milliseconds. */
const TEST_MS = 240_000;

/** A house of its own for each test, and whoever comes to it. */
export class World {
  house = new House();
  readonly guests: Guest[] = [];
  browser!: Browser;

  /** Somebody opens a document, and waits until they can write in it. */
  async arrive(name: string, { document = "minutes", ...options }: ArrivalOptions = {}): Promise<Guest> {
    const guest = await this.come(name, options);
    await guest.open(`${this.house.address}/d/${document}`);
    return guest;
  }

  /** Another server in the place of the one that is there. */
  async move(options: HouseOptions): Promise<void> {
    await this.house.stop();
    this.house = new House(options);
    await this.house.start();
  }

  /** Somebody starts their browser, and is nowhere yet. */
  async come(name: string, options: Omit<GuestOptions, "name"> = {}): Promise<Guest> {
    const guest = await Guest.arrive(this.browser, { name, ...options });
    this.guests.push(guest);
    return guest;
  }
}

/** What kind of browser, and which document. */
export interface ArrivalOptions extends Omit<GuestOptions, "name"> {
  readonly document?: string;
}

/** Tests in real browsers, on a server of their own; none of them may leave a complaint in any browser's console. */
export function inBrowsers(name: string, tests: (world: World) => void): void {
  it("a real browser can be tried on this machine", (context) => {
    if (missing !== undefined && process.env["CI"] === undefined) context.skip(missing);
    expect(missing).toBeUndefined();
  });

  describe.skipIf(missing !== undefined)(name, { timeout: TEST_MS }, () => {
    const world = new World();
    beforeAll(async () => {
      world.browser = await startChromium();
    });
    afterAll(() => world.browser.close());
    beforeEach(async () => {
      world.house = new House();
      await world.house.start();
    });
    afterEach(async () => {
      const guests = world.guests.splice(0);
      const errors = guests.flatMap((guest) => guest.errors);
      await Promise.all(guests.map((guest) => guest.leave()));
      await world.house.stop();
      expect(errors).toEqual([]);
    });
    tests(world);
  });
}
