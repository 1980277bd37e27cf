import { useCallback, useState } from "preact/hooks";
import { ShareDialog } from "./share-dialog.js";
import { ShortcutsDialog } from "./shortcuts-dialog.js";

/** What may lie over the page. */
export type DialogName = "share" | "shortcuts";

export interface DialogsProps {
  readonly open: DialogName | undefined;
  readonly needsToken: boolean;
  readonly onClosed: (name: DialogName) => void;
}

/** The dialog that is open, if any. */
export function Dialogs({ open, needsToken, onClosed }: DialogsProps) {
  switch (open) {
    case "share":
      return <ShareDialog needsToken={needsToken} onClose={() => onClosed("share")} />;
    case "shortcuts":
      return <ShortcutsDialog onClose={() => onClosed("shortcuts")} />;
    default:
      return null;
  }
}

/** Which dialog is open, and how to open one. */
export function useDialogs() {
  const [open, setOpen] = useState<DialogName>();
  // The browser says that one was closed when another may be open already.
  const onClosed = useCallback(
    (closed: DialogName) => setOpen((now) => (now === closed ? undefined : now)),
    [],
  );
  return { open, setOpen, onClosed };
}
