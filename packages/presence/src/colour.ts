/**
 * Colours for the people in a document, readable as text and cursor on light and on dark: each has a contrast of at
 * least 3:1 against white and against #111111 (WCAG 2.2, 1.4.11). They were picked one after the other, each the one
 * furthest in OKLab from those before it, so the first few, which most documents need, differ most.
 */
export const COLOURS: readonly string[] = Object.freeze([
  "#286edc", // blue
  "#fa4600", // orange
  "#00a000", // green
  "#dc5adc", // orchid
  "#8c641e", // bronze
  "#28a0aa", // teal
  "#b44678", // raspberry
  "#be8278", // clay
  "#8c46d2", // violet
  "#147864", // pine
  "#9682d2", // lavender
  "#969628", // olive
  "#fa468c", // rose
  "#6e6496", // slate
  "#c8321e", // brick
  "#1e96f0", // sky
  "#be32b4", // magenta
  "#507800", // moss
  "#aa64fa", // amethyst
  "#329664", // jade
]);

/**
 * Black or white, whichever has the higher contrast on `colour`, at least 4.5:1 (WCAG 2.2, 1.4.3): for names written on a
 * person's colour. @param colour `#rrggbb`.
 */
export function labelColour(colour: string): "#000000" | "#ffffff" {
  const luminance = luminanceOf(colour);
  // (L + 0.05) / 0.05 against black, 1.05 / (L + 0.05) against white.
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? "#000000" : "#ffffff";
}

/** Relative luminance as WCAG 2.2 defines it, in [0, 1]. */
function luminanceOf(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16)));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** The colours of one document: which are given out, and how often. */
export class ColourPool {
  readonly #given: number[] = COLOURS.map(() => 0);

  /**
   * Gives out `wish` if it is one of the colours that are given out least, else the first of those: a free one while there
   * are any. Cost: O(colours).
   */
  take(wish?: string): string {
    const least = Math.min(...this.#given);
    const wished = wish === undefined ? -1 : COLOURS.indexOf(wish);
    const index = this.#given[wished] === least ? wished : this.#given.indexOf(least);
    this.#given[index]!++;
    return COLOURS[index]!;
  }

  /** Takes back a colour that `take` gave out. */
  release(colour: string): void {
    this.#given[COLOURS.indexOf(colour)]!--;
  }
}
