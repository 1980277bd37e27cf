import type { RemoteDocument, Session } from "@motet/client";
import { useState } from "preact/hooks";
import { useEvent } from "./use-events.js";

/** What the server made of this user; `undefined` until it has let them in. */
export function useSelf(document: RemoteDocument): Session | undefined {
  const [session, setSession] = useState<Session | undefined>(document.session);
  useEvent(document, "session", setSession);
  return session;
}
