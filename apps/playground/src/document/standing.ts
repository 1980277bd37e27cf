import type { SyncState } from "@motet/client";

/** How things stand between this page and the server, in words. */
export interface Standing {
  /** What the dot beside the words looks like. */
  readonly tone: "safe" | "busy" | "apart" | "barred";
  readonly label: string;
  /** What follows from it, as a sentence. */
  readonly detail: string;
}

/** What decides how things stand. */
export interface Situation {
  readonly state: SyncState;
  /** Whether the user has chosen to be offline. */
  readonly isOfflineByChoice: boolean;
  /** Operations that are not on the server's disk. */
  readonly unsaved: number;
  /** Whether this browser keeps what is not saved yet. */
  readonly isKept: boolean;
}

/** The state of the document in plain words. It says "Saved" for nothing but what is on the server's disk. */
export function standingOf(situation: Situation): Standing {
  switch (situation.state) {
    case "saved":
      return { tone: "safe", label: "Saved", detail: "Everything you did is on the server’s disk." };
    case "saving":
      return {
        tone: "busy",
        label: "Saving…",
        detail: "Your last changes are on their way to the server’s disk.",
      };
    case "syncing":
      return {
        tone: "busy",
        label: "Catching up…",
        detail: "The line stands; both sides tell what they have.",
      };
    case "connecting":
      return { tone: "busy", label: "Connecting…", detail: fate(situation) };
    case "offline":
      return {
        tone: "apart",
        label: situation.isOfflineByChoice ? "Working offline" : "Offline",
        detail: fate(situation),
      };
    case "read-only":
      return { tone: "safe", label: "View only", detail: "You may read this document, not change it." };
    case "refused":
      return { tone: "barred", label: "Not connected", detail: fate(situation) };
  }
}

/** What becomes of changes while there is no line. */
function fate({ unsaved, isKept, isOfflineByChoice }: Situation): string {
  if (!isKept) return "This browser keeps nothing: changes are lost when you close the page.";
  if (unsaved > 0) return "Your changes are kept on this device until the server has them.";
  return isOfflineByChoice ? "Go on writing: changes stay on this device." : "It is tried again by itself.";
}
