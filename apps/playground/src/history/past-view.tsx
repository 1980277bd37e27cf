import { EditorState, type Range, RangeSet } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { paper, readOnly } from "../editor/writing.js";
import { clockTime } from "../ui/time.js";
import type { Author } from "./authors.js";
import type { Mark } from "./marked-text.js";
import type { Past } from "./use-past.js";

export interface PastViewProps {
  readonly past: Past;
  /** Whether to show what was changed, and by whom. */
  readonly showsChanges: boolean;
  readonly authorOf: (userId: string) => Author;
}

/** What the document said. The place on the page stays while one state takes the place of another. */
export function PastView({ past, showsChanges, authorOf }: PastViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    view.current = new EditorView({ parent: place.current });
    return () => view.current?.destroy();
  }, []);
  useEffect(() => {
    view.current?.setState(stateOf(past, showsChanges, authorOf));
    if (showsChanges) showSomeMark(view.current, past.marked.marks);
  }, [past, showsChanges, authorOf]);
  return <div class="editor past" ref={place} />;
}

/** Brings the last change into sight, unless some other is. */
function showSomeMark(view: EditorView | undefined, marks: readonly Mark[]): void {
  const last = marks.at(-1);
  if (view === undefined || last === undefined) return;
  const { from, to } = view.viewport;
  const isSomeInSight = marks.some((mark) => mark.from < to && mark.to > from);
  if (!isSomeInSight) view.dispatch({ effects: EditorView.scrollIntoView(last.from, { y: "center" }) });
}

function stateOf(
  { text, marked }: Past,
  showsChanges: boolean,
  authorOf: (userId: string) => Author,
): EditorState {
  const marks = showsChanges ? marked.marks.map((mark) => decorated(mark, authorOf(mark.userId))) : [];
  return EditorState.create({
    doc: showsChanges ? marked.text : text,
    extensions: [paper("Text of this version"), readOnly(), EditorView.decorations.of(RangeSet.of(marks))],
  });
}

function decorated({ from, to, kind, atMs }: Mark, { name, colour }: Author): Range<Decoration> {
  const [tagName, verb] = kind === "inserted" ? ["ins", "wrote"] : ["del", "deleted"];
  const attributes = { style: `--person: ${colour}`, title: `${name} ${verb} this at ${clockTime(atMs)}` };
  return Decoration.mark({ tagName, class: kind, attributes }).range(from, to);
}
