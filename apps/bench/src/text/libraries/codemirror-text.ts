import type { Text } from "@codemirror/state";
import type { EditableText, PlainTextLibrary } from "../library.js";

/** The persistent tree of lines inside CodeMirror 6: what an editor pays for an edit anyway. */
export const codemirrorText: PlainTextLibrary = {
  kind: "plain",
  name: "codemirror-text",
  packageName: "@codemirror/state",
  bundle: { program: 'export { Text } from "@codemirror/state";' },
  async open() {
    const state = await import("@codemirror/state");
    const of = (text: string): Text => state.Text.of(text.split("\n"));
    return () => new CodemirrorText(of);
  },
};

class CodemirrorText implements EditableText {
  readonly #of: (text: string) => Text;
  #text: Text;

  constructor(of: (text: string) => Text) {
    this.#of = of;
    this.#text = of("");
  }

  edit(position: number, deleted: number, inserted: string): void {
    this.#text = this.#text.replace(position, position + deleted, this.#of(inserted));
  }

  text(): string {
    return this.#text.toString();
  }
}
