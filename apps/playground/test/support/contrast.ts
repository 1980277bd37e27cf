import type { Page } from "playwright-core";

/** A piece of text that is too faint, and how faint. */
export interface Faint {
  readonly text: string;
  readonly ratio: number;
}

/** The text in sight that has less contrast than WCAG 2.2 (1.4.3) asks for: 4.5, or 3 where it is large. */
export function faintText(page: Page): Promise<readonly Faint[]> {
  return page.evaluate(() => {
    const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    const pixel = (...colours: string[]) => {
      brush.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        brush.fillStyle = colour;
        brush.fillRect(0, 0, 1, 1);
      }
      return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (colours: string[]) => {
      const [red, green, blue] = pixel(...colours).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    const backgroundsOf = (element: Element): string[] => {
      const above = element.parentElement === null ? ["white"] : backgroundsOf(element.parentElement);
      return [...above, getComputedStyle(element).backgroundColor];
    };
    const isInSight = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest(".visually-hidden, :disabled, [inert]") === null;
    const faint: { text: string; ratio: number }[] = [];
    for (const element of document.querySelectorAll("body *")) {
      const text = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      const words = text
        .map(({ textContent }) => textContent ?? "")
        .join("")
        .trim();
      if (words === "" || !isInSight(element)) continue;
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      const backgrounds = backgroundsOf(element);
      const [dark, light] = [luminance(backgrounds), luminance([...backgrounds, color])].sort(
        (a, b) => a - b,
      );
      const ratio = (light! + 0.05) / (dark! + 0.05);
      const isLarge = Number.parseFloat(fontSize) >= (Number(fontWeight) >= 700 ? 18.66 : 24);
      if (ratio < (isLarge ? 3 : 4.5)) faint.push({ text: words, ratio });
    }
    return faint;
  });
}
