import { useCallback, useEffect, useRef } from "preact/hooks";

type Timer = ReturnType<typeof setTimeout>;

/** A function that calls `run` once, `waitMs` after it was first called itself; what it is asked meanwhile is part of that. */
export function useGathered(run: () => void, waitMs: number): () => void {
  const timer = useRef<Timer | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      run();
    }, waitMs);
  }, [run, waitMs]);
}
