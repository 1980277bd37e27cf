import type { RemoteDocument } from "@motet/client";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { Editor, type EditorHandle } from "../editor/editor.js";
import { HistoryPanel } from "../history/history-panel.js";
import { PastPane } from "../history/past-pane.js";
import type { Desk } from "../history/use-desk.js";
import { useHistory } from "../history/use-history.js";
import { Hearts } from "./hearts.js";
import { RejectionNotice } from "./rejection-notice.js";
import { UndoButtons } from "./undo-buttons.js";
import { useIsOpen } from "./use-is-open.js";
import { WordCount } from "./word-count.js";

export interface StudioProps {
  readonly document: RemoteDocument;
  readonly desk: Desk;
  readonly editor: RefObject<EditorHandle | null>;
  readonly isReadOnly: boolean;
  readonly isHistoryOpen: boolean;
  readonly onHistoryClose: () => void;
}

/** The text as it is, or as it was with its history beside it. */
export function Studio(props: StudioProps) {
  const { document, desk, isReadOnly } = props;
  const isOpen = useIsOpen(document);
  const isPast = props.isHistoryOpen && desk.version !== undefined;
  useFocusBack(props.editor, `${props.isHistoryOpen} ${isPast}`);
  return (
    <div class="studio">
      <main class="desk" hidden={isPast}>
        <RejectionNotice document={document} />
        {isOpen ? <Editor document={document} handle={props.editor} /> : <OpeningSkeleton />}
        <footer class="foot">
          <WordCount document={document} />
          {!isReadOnly && <UndoButtons document={document} />}
          <Hearts document={document} isReadOnly={isReadOnly} />
        </footer>
      </main>
      {props.isHistoryOpen && <Past {...props} />}
    </div>
  );
}

/** Puts the focus into the text when what had it is gone with the layout before, such as a button that closed something. */
function useFocusBack(editor: RefObject<EditorHandle | null>, layout: string): void {
  useEffect(() => {
    if (globalThis.document.activeElement === globalThis.document.body) editor.current?.focus();
  }, [editor, layout]);
}

function Past({ document, desk, isReadOnly, onHistoryClose }: StudioProps) {
  const { state, refresh, loadEarlier } = useHistory(document, desk.api, desk.version);
  return (
    <>
      {state.kind === "ready" && desk.version !== undefined && (
        <PastPane
          {...desk}
          history={state.history}
          version={desk.version}
          onBack={() => desk.onVersion(undefined)}
        />
      )}
      <HistoryPanel
        {...desk}
        state={state}
        isReadOnly={isReadOnly}
        onEarlier={loadEarlier}
        onRefresh={refresh}
        onClose={onHistoryClose}
      />
    </>
  );
}

function OpeningSkeleton() {
  return (
    <div class="editor opening" aria-busy="true">
      <p class="visually-hidden">The document is being opened.</p>
      {["a", "b", "c", "d", "e"].map((key) => (
        <span key={key} />
      ))}
    </div>
  );
}
