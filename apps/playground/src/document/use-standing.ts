import type { RemoteDocument, SyncState } from "@motet/client";
import { useEffect, useState } from "preact/hooks";
import { type Standing, standingOf } from "./standing.js";
import { useRedrawOn } from "./use-events.js";
import { useIsKept } from "./use-is-kept.js";

/** A better state is shown once it has held for this long, in milliseconds: with each key the server is asked, and answers. */
const CALM_MS = 400;

/** How the document stands now. What is worse shows at once; "Saved" is never shown early, and may be shown late. */
export function useStanding(document: RemoteDocument, isOfflineByChoice: boolean): Standing {
  useRedrawOn(document, "state");
  const isKept = useIsKept(document);
  const state = useCalm(document.state);
  return standingOf({ state, isOfflineByChoice, unsaved: document.unsaved, isKept });
}

function useCalm(state: SyncState): SyncState {
  const [shown, setShown] = useState(state);
  const isHeldBack =
    (shown === "saving" && state === "saved") || (shown === "offline" && state === "connecting");
  useEffect(() => {
    if (!isHeldBack) return setShown(state);
    const timer = setTimeout(() => setShown(state), CALM_MS);
    return () => clearTimeout(timer);
  }, [state, isHeldBack]);
  return isHeldBack ? shown : state;
}
