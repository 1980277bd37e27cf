import { useCallback, useEffect, useRef } from "preact/hooks";

/**
 * A function that calls `run`, as it is then, once: `waitMs` after it was first called itself. What it is asked meanwhile is part
 * of that.
 */
export function useGathered(run: () => void, waitMs: number): () => void {
  const newest = useRef(run);
  newest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      newest.current();
    }, waitMs);
  }, [waitMs]);
}
