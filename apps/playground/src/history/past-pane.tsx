import { useMemo } from "preact/hooks";
import type { Author } from "./authors.js";
import type { DocumentApi } from "./document-api.js";
import { PastView } from "./past-view.js";
import { sittingOf } from "./sitting-of.js";
import type { DocumentHistory } from "./use-history.js";
import { type Past, usePast } from "./use-past.js";

export interface PastPaneProps {
  readonly api: DocumentApi;
  readonly history: DocumentHistory;
  readonly version: number;
  readonly showsChanges: boolean;
  readonly authorOf: (userId: string) => Author;
  readonly onBack: () => void;
}

/** A state of the past in the place of the editor, with what its sitting had changed until then. */
export function PastPane({ api, history, version, showsChanges, authorOf, onBack }: PastPaneProps) {
  const base = sittingOf(version, history.sittings)?.before ?? 0;
  const { past, error, isCurrent } = usePast(api, { base, version });
  return (
    <section class="past-pane" aria-label="A version of the past" aria-busy={!isCurrent}>
      <header class="past-head">
        <p>
          <strong>{past?.title || "Untitled"}</strong> as it was
        </p>
        <button type="button" class="button" onClick={onBack}>
          Back to now
        </button>
        {showsChanges && past && <Legend past={past} authorOf={authorOf} />}
      </header>
      {error && (
        <p class="notice" role="alert">
          This version cannot be shown: {error.message}.
        </p>
      )}
      {past && <PastView past={past} showsChanges={showsChanges} authorOf={authorOf} />}
    </section>
  );
}

/** Whose changes are marked, in which colour. */
function Legend({ past, authorOf }: { readonly past: Past; readonly authorOf: (userId: string) => Author }) {
  const ids = useMemo(() => [...new Set(past.marked.marks.map(({ userId }) => userId))], [past]);
  return (
    <ul class="legend" aria-label="Authors of the changes">
      {ids.map(authorOf).map(({ id, name, colour }) => (
        <li key={id}>
          <span class="swatch" style={{ "--person": colour }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
