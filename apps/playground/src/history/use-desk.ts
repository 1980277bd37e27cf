import type { RemoteDocument } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useMemo, useState } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { type Author, Authors } from "./authors.js";
import { DocumentApi } from "./document-api.js";

/** What somebody has before them who looks into the past. */
export interface Desk {
  readonly api: DocumentApi;
  readonly authorOf: (userId: string) => Author;
  /** The state that is looked at; `undefined` is now. */
  readonly version: number | undefined;
  readonly showsChanges: boolean;
  readonly onVersion: (version: number | undefined) => void;
  readonly onShowChanges: (showsChanges: boolean) => void;
}

export function useDesk(id: DocumentId, document: RemoteDocument): Desk {
  const kept = useKept();
  const api = useMemo(() => new DocumentApi(id, kept), [id, kept]);
  const authors = useMemo(() => new Authors(kept), [kept]);
  const authorOf = useCallback((userId: string) => authors.of(userId, document.people), [authors, document]);
  const [version, onVersion] = useState<number>();
  const [showsChanges, onShowChanges] = useState(true);
  return { api, authorOf, version, showsChanges, onVersion, onShowChanges };
}
