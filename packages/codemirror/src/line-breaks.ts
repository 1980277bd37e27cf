import { EditorState, type Extension, type Range, RangeSet, RangeValue } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";

const hidden = new MatchDecorator({ regexp: /\r/g, decoration: Decoration.replace({}) });

class Whole extends RangeValue {}
const whole = new Whole();

/** Does not show the `\r` that a document holds, and lets the caret pass over `\r\n` in one step. */
class CarriageReturns {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = hidden.createDeco(view);
  }

  update(update: ViewUpdate): void {
    this.decorations = hidden.updateDeco(update, this.decorations);
  }

  /** Each `\r\n` in sight, so that a key that deletes deletes both. */
  pairs(view: EditorView): RangeSet<Whole> {
    const pairs: Range<Whole>[] = [];
    this.decorations.between(0, view.state.doc.length, (from, to) => {
      const isPair = view.state.doc.sliceString(to, to + 1, "\n") === "\n";
      pairs.push(whole.range(from, isPair ? to + 1 : to));
    });
    return RangeSet.of(pairs);
  }
}

const carriageReturns = ViewPlugin.fromClass(CarriageReturns, {
  decorations: (plugin) => plugin.decorations,
  provide: (plugin) =>
    EditorView.atomicRanges.of((view) => view.plugin(plugin)?.pairs(view) ?? RangeSet.empty),
});

/**
 * Only `\n` breaks a line, as in the document, so that offsets are the same here and there. What a document holds of `\r`
 * stays in it, unseen; what is pasted brings none along.
 */
export const lineBreaks: Extension = [
  EditorState.lineSeparator.of("\n"),
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
  carriageReturns,
];
