import type { RemoteDocument } from "@motet/client";
import { useCallback, useEffect, useState } from "preact/hooks";
import { useEvent } from "../document/use-events.js";
import { useAfterPause } from "../ui/use-later.js";
import type { ApiError, DocumentApi, NamedVersion, Sitting } from "./document-api.js";

/** After a change the history is read anew once nothing has changed for this long, in milliseconds. */
const QUIET_MS = 1_000;

/** What became of reading the history. */
export type HistoryState =
  | { readonly kind: "loading" }
  | { readonly kind: "empty" }
  | { readonly kind: "failed"; readonly error: ApiError }
  | { readonly kind: "ready"; readonly history: DocumentHistory };

/** What is known of a document's past. */
export interface DocumentHistory {
  /** The number of the latest state. */
  readonly latest: number;
  /** Newest first, without gaps. */
  readonly sittings: readonly Sitting[];
  /** Ask for those before the last of `sittings` with it; absent when there are none. */
  readonly next?: number;
  readonly names: readonly NamedVersion[];
}

/** The document's past, read while it is looked at. */
export function useHistory(document: RemoteDocument, api: DocumentApi) {
  const [state, setState] = useState<HistoryState>({ kind: "loading" });
  const refresh = useCallback(() => {
    read(api).then(
      (history) => setState((before) => ({ kind: "ready", history: withEarlier(history, before) })),
      (error: ApiError) =>
        setState(error.code === "NO_DOCUMENT" ? { kind: "empty" } : { kind: "failed", error }),
    );
  }, [api]);
  useEffect(refresh, [refresh]);
  useEvent(document, "change", useAfterPause(refresh, QUIET_MS));
  const loadEarlier = useCallback(
    async (before: number) => {
      const page = await api.sittings(before);
      setState((now) =>
        now.kind === "ready" ? { ...now, history: continued(now.history, page.items, page.next) } : now,
      );
    },
    [api],
  );
  return { state, refresh, loadEarlier };
}

async function read(api: DocumentApi): Promise<DocumentHistory> {
  const [page, names] = await Promise.all([api.sittings(), api.versions()]);
  const { items: sittings, next } = page;
  return { latest: sittings[0]?.after ?? 0, sittings, names, ...(next !== undefined && { next }) };
}

/** A fresh reading together with the earlier sittings that were asked for before. */
function withEarlier(fresh: DocumentHistory, before: HistoryState): DocumentHistory {
  if (before.kind !== "ready" || fresh.next === undefined) return fresh;
  const oldest = fresh.next;
  const earlier = before.history.sittings.filter(({ after }) => after <= oldest);
  return earlier[0]?.after === oldest ? continued(fresh, earlier, before.history.next) : fresh;
}

function continued(
  history: DocumentHistory,
  earlier: readonly Sitting[],
  next: number | undefined,
): DocumentHistory {
  const { next: _next, ...rest } = history;
  return { ...rest, sittings: [...history.sittings, ...earlier], ...(next !== undefined && { next }) };
}
