/** Something that a chord of keys does on a document's page. */
export interface Shortcut {
  /** As `KeyboardEvent.code` has it: the key's place, whatever it types with Alt on this keyboard. */
  readonly code: string;
  readonly keys: string;
  readonly purpose: string;
}

/** What the page itself listens for. All but help are held with Alt and Shift, which no browser and no editor takes. */
export const shortcuts = {
  title: { code: "KeyT", keys: "Alt Shift T", purpose: "Edit the title" },
  people: { code: "KeyP", keys: "Alt Shift P", purpose: "Show who is here" },
  history: { code: "KeyH", keys: "Alt Shift H", purpose: "Open or close the history" },
  share: { code: "KeyS", keys: "Alt Shift S", purpose: "Share the link" },
  offline: { code: "KeyO", keys: "Alt Shift O", purpose: "Work offline, or come back" },
  help: { code: "Slash", keys: "Ctrl /", purpose: "Show this list" },
} as const satisfies Record<string, Shortcut>;

/** What can be done by keys. */
export type ShortcutName = keyof typeof shortcuts;

/** What the editor listens for; named for the list only. */
export const editorShortcuts: readonly Pick<Shortcut, "keys" | "purpose">[] = [
  { keys: "Ctrl Z", purpose: "Take back what you did, and nobody else’s" },
  { keys: "Ctrl Y", purpose: "Do it again" },
  { keys: "Ctrl F", purpose: "Find in the text" },
  { keys: "Tab", purpose: "Leave the text" },
];

/** Which shortcut was pressed, if any. */
export function shortcutOf({
  code,
  altKey,
  shiftKey,
  ctrlKey,
  metaKey,
}: KeyboardEvent): ShortcutName | undefined {
  const hasMod = ctrlKey || metaKey;
  if (code === shortcuts.help.code) return hasMod && !altKey ? "help" : undefined;
  if (!altKey || !shiftKey || hasMod) return undefined;
  const names = Object.keys(shortcuts) as ShortcutName[];
  return names.find((name) => shortcuts[name].code === code);
}
