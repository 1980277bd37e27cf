import type { ClientError, RemoteDocument } from "@motet/client";
import { useCallback, useEffect, useState } from "preact/hooks";
import { useEvent } from "./use-events.js";

/** Whether this browser keeps what the server has not got yet. Where it does not, closing the page is asked about. */
export function useIsKept(document: RemoteDocument): boolean {
  const [isKept, setIsKept] = useState(true);
  const notice = useCallback((error: ClientError) => {
    if (error.code === "STORE_FAILED") setIsKept(false);
  }, []);
  useEvent(document, "problem", notice);
  useEffect(() => {
    if (isKept) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (document.unsaved > 0) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [document, isKept]);
  return isKept;
}
