import type { RemoteDocument } from "@motet/client";
import { Icon } from "../ui/icon.js";
import { useRedrawOn } from "./use-events.js";

const COUNTER = "hearts";

/** A counter that everybody may raise, at the same time too. */
export function Hearts({
  document,
  isReadOnly,
}: {
  readonly document: RemoteDocument;
  readonly isReadOnly: boolean;
}) {
  useRedrawOn(document, "change");
  const count = document.counter(COUNTER);
  return (
    <button
      type="button"
      class="hearts"
      aria-label={`Send a heart. ${count} so far.`}
      title="Send a heart"
      disabled={isReadOnly}
      onClick={() => document.increment(COUNTER)}
    >
      <Icon name="heart" />
      <span key={count} class="hearts-count">
        {count}
      </span>
    </button>
  );
}
