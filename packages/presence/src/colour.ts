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

/** The colours of one document: which are given out, and how often. */
export class ColourPool {
  readonly #given: number[] = COLOURS.map(() => 0);

  /** Gives out the first of the colours that are given out least: a free one while there are any. Cost: O(colours). */
  take(): string {
    const index = this.#given.indexOf(Math.min(...this.#given));
    this.#given[index]!++;
    return COLOURS[index]!;
  }

  /** Takes back a colour that `take` gave out. */
  release(colour: string): void {
    this.#given[COLOURS.indexOf(colour)]!--;
  }
}
