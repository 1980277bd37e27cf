import type { RemoteDocument } from "@motet/client";
import { useCallback, useEffect, useState } from "preact/hooks";
import { useEvent } from "../document/use-events.js";
import { useGathered } from "../ui/use-gathered.js";
import type { ApiError, DocumentApi, NamedVersion, Sitting } from "./document-api.js";

/** While the document changes, its history is read anew at most this often, in milliseconds. */
const INTERVAL_MS = 2_000;

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

/** The document's past, read while it is looked at: as far back as `version`, the state that is looked at. */
export function useHistory(document: RemoteDocument, api: DocumentApi, version: number | undefined) {
  const [state, setState] = useState<HistoryState>({ kind: "loading" });
  const fail = useCallback((error: ApiError) => setState((before) => afterFailure(before, error)), []);
  const refresh = useCallback(() => {
    read(api).then(
      (history) => setState((before) => ({ kind: "ready", history: withEarlier(history, before) })),
      fail,
    );
  }, [api, fail]);
  useEffect(refresh, [refresh]);
  useEvent(document, "change", useGathered(refresh, INTERVAL_MS));
  const loadEarlier = useCallback(
    (before: number) => {
      api.sittings(before).then(({ items, next }) => {
        setState((now) =>
          now.kind === "ready" ? { ...now, history: continued(now.history, items, next) } : now,
        );
      }, fail);
    },
    [api, fail],
  );
  const missing = version === undefined ? undefined : missingBefore(state, version);
  useEffect(() => {
    if (missing !== undefined) loadEarlier(missing);
  }, [missing, loadEarlier]);
  return { state, refresh, loadEarlier };
}

/** What has been read once stays to be seen. */
function afterFailure(before: HistoryState, error: ApiError): HistoryState {
  if (before.kind === "ready") return before;
  return error.code === "NO_DOCUMENT" ? { kind: "empty" } : { kind: "failed", error };
}

/** Where what has been read ends, if the sitting of `version` is before that. */
function missingBefore(state: HistoryState, version: number): number | undefined {
  const next = state.kind === "ready" ? state.history.next : undefined;
  return next !== undefined && version <= next && version > 0 ? next : undefined;
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
