import { EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, ViewPlugin } from "@codemirror/view";
import type { RemoteDocument } from "@motet/client";

const setReadOnly = StateEffect.define<boolean>();

/** The editor is read-only while the user may only read, also when that changes while it is open. */
export function rights(document: RemoteDocument): Extension {
  const isReadOnly = StateField.define<boolean>({
    create: () => document.isReadOnly,
    update: (value, { effects }) =>
      effects.reduce((now, effect) => (effect.is(setReadOnly) ? effect.value : now), value),
    provide: (field) => EditorState.readOnly.from(field),
  });
  const watch = ViewPlugin.define((view: EditorView) => {
    const look = () => {
      if (view.state.field(isReadOnly) === document.isReadOnly) return;
      view.dispatch({ effects: setReadOnly.of(document.isReadOnly) });
    };
    const stops = [document.on("session", look), document.on("state", look)];
    return {
      destroy() {
        for (const stop of stops) stop();
      },
    };
  });
  return [isReadOnly, watch];
}
