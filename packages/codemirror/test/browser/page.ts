// What the page of the browser tests runs: Ann's editor on her document, and a document of Bob's.
import { defaultKeymap } from "@codemirror/commands";
import { EditorView, keymap } from "@codemirror/view";
import type { RemoteDocument } from "@motet/client";
import { collaboration } from "../../src/index.js";
import { settle, World } from "../support/world.js";

/** What a test asks the page. */
export interface Stage {
  readonly view: EditorView;
  readonly ann: RemoteDocument;
  readonly bob: RemoteDocument;
  settle(): Promise<void>;
}

declare global {
  interface Window {
    stage: Stage;
    readonly begin: (text: string) => Promise<void>;
  }
}

async function begin(text: string): Promise<void> {
  const world = new World();
  const [ann, bob] = [await world.open("ann"), await world.open("bob")];
  if (text !== "") bob.insert(0, text);
  await settle();
  const extensions = [collaboration(ann), keymap.of(defaultKeymap), EditorView.lineWrapping];
  const parent = document.body;
  window.stage = { view: new EditorView({ doc: ann.text, extensions, parent }), ann, bob, settle };
}

Object.assign(window, { begin });
