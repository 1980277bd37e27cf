import type { RemoteDocument } from "@motet/client";
import { useCallback, useState } from "preact/hooks";
import { useEvent } from "./use-events.js";

/**
 * Whether there is something to show: what the server or this browser has of the document, or the certainty that neither
 * can be had now.
 */
export function useIsOpen(document: RemoteDocument): boolean {
  const [isOpen, setIsOpen] = useState(document.length > 0);
  const open = useCallback(() => setIsOpen(true), []);
  const openWhenSettled = useCallback(() => {
    if (!["connecting", "syncing"].includes(document.state)) setIsOpen(true);
  }, [document]);
  useEvent(document, "change", open);
  useEvent(document, "state", openWhenSettled);
  return isOpen;
}
