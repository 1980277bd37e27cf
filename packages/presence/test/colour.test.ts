import { describe, expect, it } from "vitest";
import { ColourPool } from "../src/colour.js";
import { COLOURS, labelColour, PresenceTracker } from "../src/index.js";

/** Red, green, blue as light, each in [0, 1] (IEC 61966-2-1). */
function light(colour: string): [number, number, number] {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2: from 1, the same, to 21, black on white. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = light(colour);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker, lighter] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** How different two colours look: distance in OKLab (Ottosson 2020), 0.02 being just noticeable. */
function distance(a: string, b: string): number {
  const [p, q] = [oklab(a), oklab(b)];
  return Math.hypot(...p.map((value, i) => value - q[i]!));
}

function oklab(colour: string): number[] {
  const [r, g, b] = light(colour);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe("the colours", () => {
  it("are at least sixteen, all different, written as the protocol wants them", () => {
    expect(COLOURS.length).toBeGreaterThanOrEqual(16);
    expect(new Set(COLOURS).size).toBe(COLOURS.length);
    for (const colour of COLOURS) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  });

  it.each(COLOURS)("%s can be seen on light and on dark", (colour) => {
    expect(contrast(colour, "#ffffff")).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, "#111111")).toBeGreaterThanOrEqual(3);
  });

  it.each(COLOURS)("%s has a name on it that can be read, in black or in white", (colour) => {
    expect(contrast(colour, labelColour(colour))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ["#ffff00", "#000000"],
    ["#000080", "#ffffff"],
    ["#757575", "#ffffff"],
    ["#777777", "#000000"],
  ])("%s has names on it in %s, which has more contrast", (colour, label) => {
    expect(labelColour(colour)).toBe(label);
  });

  it("can be told apart, any two of them", () => {
    const pairs = COLOURS.flatMap((a, i) => COLOURS.slice(0, i).map((b) => distance(a, b)));
    expect(Math.min(...pairs)).toBeGreaterThan(0.09);
  });
});

describe("a colour of one's own", () => {
  it("is the first that nobody in the document has", () => {
    const presence = new PresenceTracker();
    const tab = (user: string) => ({ document: "minutes", user, connection: user });
    const join = (user: string) => presence.join(tab(user), {}, 0).colour;
    expect(COLOURS.map((_, i) => join(`u${i}`))).toEqual(COLOURS);
    for (const user of ["u7", "u3"]) presence.leave(tab(user));
    expect([join("new"), join("newer")]).toEqual([COLOURS[3], COLOURS[7]]);
  });

  it("is shared by as few as possible once there are not enough", () => {
    const pool = new ColourPool();
    const given = Array.from({ length: COLOURS.length * 2 }, () => pool.take());
    expect(given).toEqual([...COLOURS, ...COLOURS]);
    pool.release(COLOURS[5]!);
    expect(pool.take()).toBe(COLOURS[5]);
    expect(pool.take()).toBe(COLOURS[0]);
  });

  it("is the one that was wished for, while nobody has it", () => {
    const pool = new ColourPool();
    const given = [COLOURS[4], COLOURS[4], "#123456"].map((wish) => pool.take(wish));
    expect(given).toEqual([COLOURS[4], COLOURS[0], COLOURS[1]]);
  });
});
