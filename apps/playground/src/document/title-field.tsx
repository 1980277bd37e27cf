import type { RemoteDocument } from "@motet/client";
import { useEffect, useRef } from "preact/hooks";
import { useRedraw } from "../ui/use-redraw.js";
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
  const [draft, setDraft] = useDraft();
  const takeOver = () => {
    const typed = draft.current?.trim();
    if (typed !== undefined && typed !== title) document.setTitle(typed);
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
      value={draft.current ?? title}
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

/** What is typed and not taken over yet. It is another at once: leaving the field follows on Escape before it is drawn again. */
function useDraft() {
  const draft = useRef<string | undefined>(undefined);
  const redraw = useRedraw();
  const setDraft = (typed: string | undefined) => {
    draft.current = typed;
    redraw();
  };
  return [draft, setDraft] as const;
}
