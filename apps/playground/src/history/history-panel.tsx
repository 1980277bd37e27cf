import { Icon } from "../ui/icon.js";
import { IconButton } from "../ui/icon-button.js";
import type { Author } from "./authors.js";
import type { DocumentApi, Sitting } from "./document-api.js";
import { NamedVersions } from "./named-versions.js";
import { SittingList } from "./sitting-list.js";
import { Timeline } from "./timeline.js";
import type { DocumentHistory, HistoryState } from "./use-history.js";
import { VersionActions } from "./version-actions.js";

export interface HistoryPanelProps {
  readonly state: HistoryState;
  readonly api: DocumentApi;
  /** The state that is looked at; `undefined` is now. */
  readonly version: number | undefined;
  readonly showsChanges: boolean;
  readonly isReadOnly: boolean;
  readonly authorOf: (userId: string) => Author;
  readonly onVersion: (version: number | undefined) => void;
  readonly onShowChanges: (showsChanges: boolean) => void;
  readonly onEarlier: (before: number) => void;
  readonly onRefresh: () => void;
  readonly onClose: () => void;
}

/** The document's past, to be gone through: by a slider, by when people worked, by the names that states were given. */
export function HistoryPanel(props: HistoryPanelProps) {
  return (
    <aside class="history" aria-label="History">
      <header class="history-head">
        <h2>History</h2>
        <IconButton icon="close" label="Close the history" onClick={props.onClose} />
      </header>
      <Content {...props} />
    </aside>
  );
}

function Content(props: HistoryPanelProps) {
  const { state, onRefresh } = props;
  switch (state.kind) {
    case "loading":
      return <Skeleton />;
    case "empty":
      return (
        <div class="history-note">
          <Icon name="history" />
          <p>Nothing has been written yet. Every version of the text will be kept here.</p>
        </div>
      );
    case "failed":
      return (
        <div class="history-note" role="alert">
          <Icon name="offline" />
          <p>The history is on the server, and cannot be read now: {state.error.message}.</p>
          <button type="button" class="button" onClick={onRefresh}>
            Try again
          </button>
        </div>
      );
    case "ready":
      return <Ready {...props} history={state.history} />;
  }
}

function Ready(props: HistoryPanelProps & { readonly history: DocumentHistory }) {
  const { history, version, authorOf, onVersion, onEarlier } = props;
  const choose = ({ after }: Sitting) => onVersion(after === history.latest ? undefined : after);
  return (
    <>
      <Timeline history={history} version={version} authorOf={authorOf} onVersion={onVersion} />
      <VersionActions {...props} />
      <div class="history-lists">
        <NamedVersions names={history.names} version={version} onVersion={onVersion} />
        <SittingList
          history={history}
          version={version ?? history.latest}
          authorOf={authorOf}
          onChoose={choose}
          onEarlier={onEarlier}
        />
      </div>
    </>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-busy="true">
      <p class="visually-hidden">The history is being read.</p>
      {["a", "b", "c", "d"].map((key) => (
        <span key={key} />
      ))}
    </div>
  );
}
