/** Calls `wake` whenever the network may be back; the returned function ends that. */
export type WakeSource = (wake: () => void) => () => void;

/** What of a browser's `window` and `document` is looked at. */
interface EventSource {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  readonly visibilityState?: string;
}

/**
 * The page is online again, or looked at again (a laptop was opened, a tab brought to the front). Where there is no
 * page, as on Node, it never wakes.
 */
export const pageWakeUps: WakeSource = (wake) => {
  const window = globalThis as unknown as EventSource & { readonly document?: EventSource };
  const page = window.document;
  const shown = () => {
    if (page?.visibilityState === "visible") wake();
  };
  window.addEventListener?.("online", wake);
  page?.addEventListener?.("visibilitychange", shown);
  return () => {
    window.removeEventListener?.("online", wake);
    page?.removeEventListener?.("visibilitychange", shown);
  };
};
