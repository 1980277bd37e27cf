import type { RemoteDocument } from "@motet/client";
import { IconButton } from "../ui/icon-button.js";
import { useRedrawOn } from "./use-events.js";

/** Takes back what was done here, and does it again: a phone has no Ctrl. */
export function UndoButtons({ document }: { readonly document: RemoteDocument }) {
  useRedrawOn(document, "change");
  const { undo, redo } = document.canUndo;
  return (
    <>
      <IconButton icon="undo" label="Undo" disabled={!undo} onClick={() => document.undo()} />
      <IconButton icon="redo" label="Redo" disabled={!redo} onClick={() => document.redo()} />
    </>
  );
}
