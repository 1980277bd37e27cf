import { defaultKeymap } from "@codemirror/commands";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import type { RemoteDocument } from "@motet/client";
import { collaboration } from "@motet/codemirror";
import type { Ref } from "preact";
import { useEffect, useImperativeHandle, useRef } from "preact/hooks";
import { paper } from "./writing.js";

/** What others may do with the editor. */
export interface EditorHandle {
  focus(): void;
}

export interface EditorProps {
  readonly document: RemoteDocument;
  readonly handle: Ref<EditorHandle>;
}

/** The text, to be written in. */
export function Editor({ document, handle }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const editor = new EditorView({ state: stateOf(document), parent: place.current });
    view.current = editor;
    editor.focus();
    return () => editor.destroy();
  }, [document]);
  useImperativeHandle(handle, () => ({ focus: () => view.current?.focus() }), []);
  return <div class="editor" ref={place} />;
}

function stateOf(document: RemoteDocument): EditorState {
  return EditorState.create({
    doc: document.text,
    extensions: [
      collaboration(document),
      paper("Text"),
      EditorView.contentAttributes.of({ spellcheck: "true", autocapitalize: "sentences" }),
      drawSelection(),
      placeholder("Write something. Others see it as you type."),
      search({ top: true }),
      keymap.of([...defaultKeymap, ...searchKeymap]),
    ],
  });
}
