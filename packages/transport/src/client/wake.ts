/** Calls `wake` whenever the network may be back, or gone; the returned function ends that. */
export type WakeSource = (wake: () => void) => () => void;

/** What of a browser's `window` and `document` is looked at. */
interface EventSource {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  readonly visibilityState?: string;
}

/** What a browser tells of its network; of one that is gone TCP says nothing for a long time. */
const NETWORK = ["online", "offline"];

/**
 * The page has its network again or has lost it, or it is looked at again (a laptop was opened, a tab brought to the front).
 * Where there is no page, as on Node, it never wakes.
 */
export const pageWakeUps: WakeSource = (wake) => {
  const window = globalThis as unknown as EventSource & { readonly document?: EventSource };
  const page = window.document;
  const shown = () => {
    if (page?.visibilityState === "visible") wake();
  };
  for (const type of NETWORK) window.addEventListener?.(type, wake);
  page?.addEventListener?.("visibilitychange", shown);
  return () => {
    for (const type of NETWORK) window.removeEventListener?.(type, wake);
    page?.removeEventListener?.("visibilitychange", shown);
  };
};
