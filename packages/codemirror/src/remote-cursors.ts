import { Annotation, type Extension, type Range } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import {
  labelColour,
  type Person,
  type PersonCursor,
  type RemoteDocument,
  type Unsubscribe,
} from "@motet/client";

/** Marks a transaction that only says that people have moved. */
const peopleMoved = Annotation.define<true>();

/** The others' carets with their names, and what they have selected, each in their colour. */
export function remoteCursors(document: RemoteDocument): Extension {
  const plugin = ViewPlugin.define((view) => new RemoteCursors(view, document), {
    decorations: ({ decorations }) => decorations,
  });
  return [plugin, theme];
}

class RemoteCursors implements PluginValue {
  readonly #document: RemoteDocument;
  readonly #stop: Unsubscribe;
  decorations: DecorationSet;

  constructor(view: EditorView, document: RemoteDocument) {
    this.#document = document;
    this.decorations = this.#draw(view);
    this.#stop = document.on("people", () => view.dispatch({ annotations: peopleMoved.of(true) }));
  }

  update({ view, docChanged, transactions }: ViewUpdate): void {
    if (docChanged || transactions.some((it) => it.annotation(peopleMoved)))
      this.decorations = this.#draw(view);
  }

  destroy(): void {
    this.#stop();
  }

  #draw({ state }: EditorView): DecorationSet {
    const { doc } = state;
    const drawn = this.#document.cursors().flatMap((cursor) => {
      // Of several changes made at once the editor may have taken in the first, and the document has all.
      const [anchor, head] = [cursor.anchor, cursor.head].map((at) => Math.min(at, doc.length)) as [
        number,
        number,
      ];
      return decorationsOf({ ...cursor, anchor, head }, head <= doc.line(1).to);
    });
    return Decoration.set(drawn, true);
  }
}

function decorationsOf({ person, anchor, head }: PersonCursor, isOnFirstLine: boolean): Range<Decoration>[] {
  const side = head < anchor ? 1 : -1;
  const caret = Decoration.widget({ widget: new Caret(person, isOnFirstLine), side }).range(head);
  if (anchor === head) return [caret];
  const style = `--motet-colour: ${person.colour}`;
  const mark = Decoration.mark({ class: `motet-selection motet-${person.status}`, attributes: { style } });
  return [mark.range(Math.min(anchor, head), Math.max(anchor, head)), caret];
}

/** A caret with a name on it, which fades some seconds after its owner has moved it, so that it does not cover the text for ever. */
class Caret extends WidgetType {
  readonly #person: Person;
  readonly #isOnFirstLine: boolean;

  constructor(person: Person, isOnFirstLine: boolean) {
    super();
    this.#person = person;
    this.#isOnFirstLine = isOnFirstLine;
  }

  override eq(other: Caret): boolean {
    const [one, two] = [this.#person, other.#person];
    const isSame = one.id === two.id && one.name === two.name && one.colour === two.colour;
    const isThere = one.cursor === two.cursor; // A caret that was moved is drawn anew, and its name with it.
    return isSame && isThere && one.status === two.status && this.#isOnFirstLine === other.#isOnFirstLine;
  }

  override toDOM({ dom }: EditorView): HTMLElement {
    const { name, colour, status } = this.#person;
    const caret = dom.ownerDocument.createElement("span");
    const label = dom.ownerDocument.createElement("span");
    caret.className = `motet-caret motet-${status}${this.#isOnFirstLine ? " motet-first-line" : ""}`;
    caret.style.setProperty("--motet-colour", colour);
    caret.style.setProperty("--motet-label-colour", labelColour(colour));
    caret.setAttribute("aria-hidden", "true"); // Who is there, the page tells in its own way.
    label.className = "motet-label";
    label.textContent = name;
    caret.append(label);
    return caret;
  }

  override get estimatedHeight(): number {
    return -1;
  }

  override ignoreEvent(): boolean {
    return false; // A click beside it is meant for the text.
  }
}

const theme = EditorView.baseTheme({
  ".motet-selection": { backgroundColor: "color-mix(in srgb, var(--motet-colour) 25%, transparent)" },
  ".motet-caret": {
    position: "relative",
    borderLeft: "2px solid var(--motet-colour)",
    marginLeft: "-1px",
    marginRight: "-1px",
  },
  ".motet-label": {
    position: "absolute",
    bottom: "100%",
    left: "-2px",
    padding: "0 4px",
    borderRadius: "3px 3px 3px 0",
    backgroundColor: "var(--motet-colour)",
    color: "var(--motet-label-colour)",
    font: "600 11px/16px system-ui, sans-serif",
    whiteSpace: "nowrap",
    pointerEvents: "none",
    userSelect: "none",
    zIndex: "10",
    animation: "motet-label-fades 0.4s 4s forwards",
  },
  "@keyframes motet-label-fades": { to: { opacity: 0 } },
  ".motet-caret::before": { content: "''", position: "absolute", inset: "0 -4px", zIndex: "9" },
  ".motet-caret:hover .motet-label": { animation: "none" },
  ".motet-first-line .motet-label": { bottom: "auto", top: "100%", borderRadius: "0 3px 3px 3px" },
  ".motet-caret.motet-idle, .motet-caret.motet-away": { opacity: "0.5" },
  ".motet-caret.motet-idle .motet-label, .motet-caret.motet-away .motet-label": { display: "none" },
});
