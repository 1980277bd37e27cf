// What the page of the browser tests runs: a text area, bound to the document that its address names.
import { connect, type RemoteDocument, type SyncState, type TextDelta } from "../../src/index.js";
import { textDifference } from "../../src/text-difference.js";

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

area.addEventListener("input", () => {
  let at = 0;
  for (const step of textDifference(remote.text, area.value).steps) {
    if ("retain" in step) at += step.retain;
    else if ("delete" in step) remote.delete(at, step.delete);
    else {
      remote.insert(at, step.insert);
      at += step.insert.length;
    }
  }
});

remote.on("change", ({ change, origin }) => {
  if (origin === "local") return;
  const caret = moved(area.selectionEnd, change.text);
  area.value = remote.text;
  area.setSelectionRange(caret, caret);
});

/** Where a caret stands after a change: with the character before it. */
function moved(caret: number, { steps }: TextDelta): number {
  let [passed, shift] = [0, 0];
  for (const step of steps) {
    if (passed >= caret) break;
    if ("retain" in step) passed += step.retain;
    else if ("insert" in step) shift += step.insert.length;
    else {
      shift -= Math.min(step.delete, caret - passed);
      passed += step.delete;
    }
  }
  return caret + shift;
}

async function kept() {
  const open = () => Promise.reject(new Error("this one only reads what is kept"));
  const reader = connect(server, { document: name, user, platform: { open } });
  await reader.whenLoaded();
  const { text, unsaved } = reader;
  await reader.close();
  return { text, unsaved };
}

Object.assign(window, { editor: { document: remote, states, kept } satisfies Editor });
