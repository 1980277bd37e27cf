import { Dialog } from "../ui/dialog.js";
import { editorShortcuts, type Shortcut, shortcuts } from "./shortcuts.js";

/** Everything that can be done without a pointer. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <ShortcutList heading="On the page" list={Object.values(shortcuts)} />
      <ShortcutList heading="In the text" list={editorShortcuts} />
      <p class="hint">On a Mac, hold ⌘ for Ctrl and ⌥ for Alt.</p>
    </Dialog>
  );
}

interface ShortcutListProps {
  readonly heading: string;
  readonly list: readonly Pick<Shortcut, "keys" | "purpose">[];
}

function ShortcutList({ heading, list }: ShortcutListProps) {
  return (
    <section class="shortcuts">
      <h3>{heading}</h3>
      <dl>
        {list.map(({ keys, purpose }) => (
          <div key={keys}>
            <dt>{purpose}</dt>
            <dd>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
