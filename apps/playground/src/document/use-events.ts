import type { RemoteDocument, RemoteDocumentEvents } from "@motet/client";
import { useEffect } from "preact/hooks";
import { useRedraw } from "../ui/use-redraw.js";

/** Calls `listener` with every event of that type for as long as the component is there. */
export function useEvent<Type extends keyof RemoteDocumentEvents>(
  document: RemoteDocument,
  type: Type,
  listener: (event: RemoteDocumentEvents[Type]) => void,
): void {
  useEffect(() => document.on(type, listener), [document, type, listener]);
}

/** Draws the component again after every event of that type. */
export function useRedrawOn(document: RemoteDocument, type: keyof RemoteDocumentEvents): void {
  useEvent(document, type, useRedraw());
}
