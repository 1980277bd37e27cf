import { describe, expect, it } from "vitest";
import { ColourPool } from "../src/colour.js";
import { COLOURS, PresenceTracker } from "../src/index.js";

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

  it("can be told apart, any two of them", () => {
    const pairs = COLOURS.flatMap((a, i) => COLOURS.slice(0, i).map((b) => distance(a, b)));
    expect(Math.min(...pairs)).toBeGreaterThan(0.09);
  });
});

describe("a colour of one's own", () => {
  it("is the first that nobody in the document has", () => {
    const presence = new PresenceTracker();
    const colours = COLOURS.map((_, i) => presence.join("minutes", { id: `u${i}` }, 0).colour);
    expect(colours).toEqual(COLOURS);
    presence.leave("minutes", "u7");
    presence.leave("minutes", "u3");
    expect(presence.join("minutes", { id: "new" }, 0).colour).toBe(COLOURS[3]);
    expect(presence.join("minutes", { id: "newer" }, 0).colour).toBe(COLOURS[7]);
  });

  it("is shared by as few as possible once there are not enough", () => {
    const pool = new ColourPool();
    const given = Array.from({ length: COLOURS.length * 2 }, () => pool.take());
    expect(given).toEqual([...COLOURS, ...COLOURS]);
    pool.release(COLOURS[5]!);
    expect(pool.take()).toBe(COLOURS[5]);
    expect(pool.take()).toBe(COLOURS[0]);
  });
});
