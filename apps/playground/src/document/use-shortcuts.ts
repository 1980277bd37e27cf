import { useEffect } from "preact/hooks";
import { PEOPLE_POPOVER } from "./people-button.js";
import { type ShortcutName, shortcutOf } from "./shortcuts.js";

/** What the shortcuts do that the page decides about; the others are the same everywhere. */
export type ShortcutActions = Omit<Readonly<Record<ShortcutName, () => void>>, "title" | "people">;

const EVERYWHERE = {
  title: () => document.querySelector<HTMLInputElement>("#title")?.select(),
  people: () => document.getElementById(PEOPLE_POPOVER)?.togglePopover(),
} as const;

/** Listens for the page's shortcuts, wherever the focus is. */
export function useShortcuts(actions: ShortcutActions): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const name = shortcutOf(event);
      if (name === undefined) return;
      event.preventDefault();
      ({ ...EVERYWHERE, ...actions })[name]();
    };
    addEventListener("keydown", press, { capture: true });
    return () => removeEventListener("keydown", press, { capture: true });
  }, [actions]);
}
