// What the page of the browser tests runs: a text area, bound to the document that its address names.
import { bindTextArea, connect, type RemoteDocument, type SyncState } from "../../src/index.js";

/** What a test asks the page. */
export interface Editor {
  readonly document: RemoteDocument;
  /** Every state since the page was loaded. */
  readonly states: readonly SyncState[];
  /** What the next page load will find of the document, if this one ends now. */
  kept(): Promise<{ readonly text: string; readonly unsaved: number }>;
}

declare global {
  interface Window {
    readonly editor: Editor;
    /** Hears of every state, and of the text at that moment, if the test listens. */
    readonly told?: (state: SyncState, text: string) => void;
  }
}

const query = new URLSearchParams(window.location.search);
const [server, name, user] = ["server", "document", "user"].map((it) => query.get(it) ?? "") as [
  string,
  string,
  string,
];
const area = window.document.querySelector("textarea") as HTMLTextAreaElement;
const remote = connect(server, { document: name, user });
const states: SyncState[] = [remote.state];

remote.on("state", ({ state }) => {
  states.push(state);
  window.told?.(state, remote.text);
});

bindTextArea(area, remote);

async function kept() {
  const open = () => Promise.reject(new Error("this one only reads what is kept"));
  const reader = connect(server, { document: name, user, platform: { open } });
  await reader.whenLoaded();
  const { text, unsaved } = reader;
  await reader.close();
  return { text, unsaved };
}

Object.assign(window, { editor: { document: remote, states, kept } satisfies Editor });
