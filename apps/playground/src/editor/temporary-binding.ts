import { Annotation, type ChangeSpec, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, ViewPlugin } from "@codemirror/view";
import type { RemoteDocument, TextDelta } from "@motet/client";

const theirs = Annotation.define<true>();

export function collaboration(remote: RemoteDocument): Extension {
  return [
    EditorState.changeFilter.of((it) => it.annotation(theirs) === true || remote.state !== "read-only"),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((it) => it.annotation(theirs))) return;
      let shift = 0;
      update.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
        if (toA > fromA) remote.delete(fromA + shift, toA - fromA);
        if (inserted.length > 0) remote.insert(fromA + shift, inserted.toString());
        shift += inserted.length - (toA - fromA);
      });
    }),
    ViewPlugin.define((view) => {
      const stop = remote.on("change", ({ change, origin }) => {
        if (origin === "local" && view.state.doc.toString() === remote.text) return;
        view.dispatch({ changes: changesOf(change.text), annotations: theirs.of(true) });
      });
      return { destroy: stop };
    }),
    keymap.of([
      {
        key: "Mod-z",
        run: () => {
          remote.undo();
          return true;
        },
      },
      {
        key: "Mod-y",

        run: () => {
          remote.redo();
          return true;
        },
      },
    ]),
  ];
}

function changesOf({ steps }: TextDelta): ChangeSpec[] {
  const changes: ChangeSpec[] = [];
  let at = 0;
  for (const step of steps) {
    if ("retain" in step) at += step.retain;
    else if ("insert" in step) changes.push({ from: at, insert: step.insert });
    else {
      changes.push({ from: at, to: at + step.delete });
      at += step.delete;
    }
  }
  return changes;
}
