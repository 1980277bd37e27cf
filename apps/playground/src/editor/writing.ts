import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { markdown } from "./markdown.js";
import { pageNonce } from "./nonce.js";

/** What a text looks like, whether it is written in or read only. */
export function paper(label: string): Extension {
  return [
    EditorView.cspNonce.of(pageNonce()),
    EditorState.lineSeparator.of("\n"), // As documents have it: a carriage return is a character like any other.
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    markdown(),
  ];
}

/** For a text that nobody changes here, but that may be gone through by keys. */
export function readOnly(): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: "0" }),
  ];
}
