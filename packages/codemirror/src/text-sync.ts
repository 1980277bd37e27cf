import { type ChangeSet, type Extension, Prec, Transaction, type TransactionSpec } from "@codemirror/state";
import {
  type Command,
  type EditorView,
  keymap,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import {
  type RemoteDocument,
  type RemoteDocumentEvents,
  textDifference,
  type Unsubscribe,
} from "@motet/client";
import { changesOf, fromDocument, isInsideCharacter, operationsOf } from "./changes.js";

type Step = "undo" | "redo";

/** Text both ways, one's own selection, and undo and redo by the document. */
export function textSync(document: RemoteDocument): Extension {
  const plugin = ViewPlugin.define((view) => new TextSync(view, document), {
    eventHandlers: {
      // Menus and phones undo without a key; the browser's own undo would bring back what others have changed since.
      beforeinput(event) {
        const step = BY_INPUT.get(event.inputType);
        if (step === undefined) return false;
        event.preventDefault();
        this.take(step);
        return true;
      },
    },
  });
  const taking =
    (step: Step): Command =>
    (view) => {
      view.plugin(plugin)?.take(step);
      return true;
    };
  const keys = keymap.of([
    { key: "Mod-z", run: taking("undo"), shift: taking("redo"), preventDefault: true },
    { key: "Mod-y", run: taking("redo"), preventDefault: true },
  ]);
  return [plugin, Prec.high(keys)];
}

const BY_INPUT: ReadonlyMap<string, Step> = new Map([
  ["historyUndo", "undo"],
  ["historyRedo", "redo"],
]);

class TextSync implements PluginValue {
  readonly #view: EditorView;
  readonly #document: RemoteDocument;
  readonly #stop: Unsubscribe;
  /** Whether the document is being told of what was done here. */
  #isWriting = false;
  /** Whether the document is taking back what was done here. */
  #isTaking = false;
  /** Whether the editor shows what the document says; if not, it soon will. */
  #isAligned: boolean;
  #isEnded = false;

  constructor(view: EditorView, document: RemoteDocument) {
    this.#view = view;
    this.#document = document;
    this.#stop = document.on("change", (event) => this.#show(event));
    this.#isAligned = view.state.doc.toString() === document.text;
    if (!this.#isAligned) this.#alignSoon();
  }

  update(update: ViewUpdate): void {
    for (const transaction of update.transactions) this.#hear(transaction);
    const isOurs = update.transactions.some((it) => it.docChanged && !it.annotation(fromDocument));
    const isMoved = (update.selectionSet || update.focusChanged) && this.#view.hasFocus;
    if ((isOurs || isMoved) && !this.#isTaking) this.#select(update);
  }

  destroy(): void {
    this.#isEnded = true;
    this.#stop();
  }

  /** Undoes or redoes one's own, and shows where. */
  take(step: Step): void {
    if (!this.#document.canUndo[step] || this.#document.isReadOnly) return;
    this.#isTaking = true;
    try {
      this.#document[step]();
    } finally {
      this.#isTaking = false;
    }
    this.#select(this.#view);
  }

  #hear(transaction: Transaction): void {
    if (transaction.annotation(fromDocument)) return;
    if (!transaction.docChanged) {
      if (transaction.isUserEvent("select")) this.#document.endUndoStep();
    } else if (this.#isAligned) this.#write(transaction);
  }

  /** What the document refuses (its user may only read, too much is unsaved, it is closed) is soon taken out again. */
  #write(transaction: Transaction): void {
    this.#isWriting = true;
    try {
      this.#document.apply(...operationsOf(transaction));
    } catch {
      this.#isAligned = false;
      this.#alignSoon();
    } finally {
      this.#isWriting = false;
    }
  }

  #show({ change, origin }: RemoteDocumentEvents["change"]): void {
    if (this.#isWriting || !this.#isAligned || change.text.isEmpty) return;
    const changes = this.#view.state.changes(changesOf(change.text));
    const isTaken = this.#isTaking && origin === "local";
    this.#dispatch({ changes, ...(isTaken ? showing(changes) : this.#standing(changes)) });
    // A rebase has let go of what the selection held on to.
    if (origin === "rebase") this.#select(this.#view);
  }

  /** What one reads stays where it is while others write above it. */
  #standing(changes: ChangeSet): TransactionSpec {
    let first = Number.POSITIVE_INFINITY;
    changes.iterChangedRanges((from) => {
      first = Math.min(first, from);
    });
    if (first >= this.#view.viewport.from) return {};
    const stay = this.#view.scrollSnapshot().map(changes);
    return stay === undefined ? {} : { effects: stay };
  }

  #select({ state }: { readonly state: EditorView["state"] }): void {
    // Of several changes made at once the editor may have taken in the first, and the document has all.
    if (!this.#isAligned || state.doc.length !== this.#document.length) return;
    const { anchor, head } = state.selection.main;
    const whole = (at: number) => (isInsideCharacter(state.doc, at) ? at - 1 : at);
    this.#document.setSelection({ anchor: whole(anchor), head: whole(head) });
  }

  /** Not now: a view does not change while it is being updated or made. */
  #alignSoon(): void {
    queueMicrotask(() => this.#align());
  }

  #align(): void {
    if (this.#isEnded || this.#isAligned) return;
    this.#isAligned = true;
    const shown = this.#view.state.doc.toString();
    this.#dispatch({ changes: changesOf(textDifference(shown, this.#document.text)) });
  }

  #dispatch(spec: TransactionSpec): void {
    const annotations = [
      fromDocument.of(true),
      Transaction.remote.of(true),
      Transaction.addToHistory.of(false),
    ];
    this.#view.dispatch({ ...spec, annotations, filter: false });
  }
}

/** The caret goes to where the last change ends. */
function showing(changes: ChangeSet): TransactionSpec {
  let anchor = 0;
  changes.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
    anchor = toB;
  });
  return { selection: { anchor }, scrollIntoView: true };
}
