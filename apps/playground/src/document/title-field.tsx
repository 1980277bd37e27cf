import type { RemoteDocument } from "@motet/client";
import { useEffect, useState } from "preact/hooks";
import { useRedrawOn } from "./use-events.js";

export interface TitleFieldProps {
  readonly document: RemoteDocument;
  readonly isReadOnly: boolean;
  /** Called when the user goes on to the text. */
  readonly onDone: () => void;
}

/** The title, edited where it stands: Enter and leaving it take it over, Escape does not. */
export function TitleField({ document, isReadOnly, onDone }: TitleFieldProps) {
  useRedrawOn(document, "change");
  const { title } = document;
  const [draft, setDraft] = useState<string>();
  const takeOver = () => {
    if (draft !== undefined && draft.trim() !== title) document.setTitle(draft.trim());
    setDraft(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") setDraft(undefined);
    if (event.key === "Enter") takeOver();
    if (["Escape", "Enter"].includes(event.key)) onDone();
  };
  useEffect(() => {
    globalThis.document.title = title === "" ? "Untitled · Motet" : `${title} · Motet`;
  }, [title]);
  return (
    <input
      id="title"
      class="title"
      value={draft ?? title}
      placeholder="Untitled"
      aria-label="Title"
      maxLength={200}
      readOnly={isReadOnly}
      autocomplete="off"
      onInput={(event) => setDraft(event.currentTarget.value)}
      onBlur={takeOver}
      onKeyDown={onKeyDown}
    />
  );
}
