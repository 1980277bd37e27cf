import { useState } from "preact/hooks";
import { Icon } from "../ui/icon.js";
import { Switch } from "../ui/switch.js";
import { useSay } from "../ui/toasts.js";
import type { ApiError } from "./document-api.js";
import type { HistoryPanelProps } from "./history-panel.js";
import { NameVersionForm } from "./name-version-form.js";
import type { DocumentHistory } from "./use-history.js";

/** What can be done with the state that is looked at. */
export function VersionActions(props: HistoryPanelProps & { readonly history: DocumentHistory }) {
  const { version, history, showsChanges, isReadOnly, onShowChanges } = props;
  const [isNaming, setIsNaming] = useState(false);
  return (
    <section class="version-actions" aria-label="This version">
      <Switch isOn={showsChanges} onToggle={onShowChanges}>
        Show who changed what
      </Switch>
      {!isReadOnly && (
        <div class="buttons">
          <button
            type="button"
            class="button"
            aria-expanded={isNaming}
            onClick={() => setIsNaming(!isNaming)}
          >
            <Icon name="tag" />
            Name this version
          </button>
          <RestoreButton {...props} />
        </div>
      )}
      {isNaming && (
        <NameVersionForm {...props} version={version ?? history.latest} onDone={() => setIsNaming(false)} />
      )}
    </section>
  );
}

/** Back to what the document said: everybody who has it open sees it happen, and nothing is taken out of the history. */
function RestoreButton({ api, version, onVersion, onRefresh }: HistoryPanelProps) {
  const say = useSay();
  const [isUnderWay, setIsUnderWay] = useState(false);
  const restore = async () => {
    if (version === undefined) return;
    setIsUnderWay(true);
    try {
      await api.restore(version);
      onVersion(undefined);
      onRefresh();
      say("Restored. What was there before stays in the history.");
    } catch (error) {
      say(`Not restored: ${(error as ApiError).message}.`);
    } finally {
      setIsUnderWay(false);
    }
  };
  return (
    <button
      type="button"
      class="button primary"
      disabled={version === undefined || isUnderWay}
      onClick={restore}
    >
      <Icon name="restore" />
      Restore
    </button>
  );
}
