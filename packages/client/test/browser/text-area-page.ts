// What the page of the text area's tests runs: Ann's text area on her document, and a document of Bob's.
import { bindTextArea, type RemoteDocument } from "../../src/index.js";
import { settle, World } from "../support/world.js";

/** What a test asks the page. */
export interface Stage {
  readonly world: World;
  readonly ann: RemoteDocument;
  readonly bob: RemoteDocument;
  readonly unbind: () => void;
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
  const bob = (await world.open({ user: "bob", activity: false })).document;
  if (text !== "") bob.insert(0, text);
  await settle();
  const ann = (await world.open({ name: "Ann" })).document;
  const area = document.body.appendChild(document.createElement("textarea"));
  window.stage = { world, ann, bob, unbind: bindTextArea(area, ann), settle };
}

Object.assign(window, { begin });
