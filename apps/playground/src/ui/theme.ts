import type { Theme } from "../kept/kept.js";
import type { Stored } from "../kept/stored.js";

/** Makes the page look as its user wants it, now and after each change. The style sheet does the rest. */
export function followTheme(theme: Stored<Theme>): void {
  const show = () => {
    document.documentElement.dataset["theme"] = theme.value;
  };
  theme.subscribe(show);
  show();
}
