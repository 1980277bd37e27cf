import { type ComponentChildren, createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";

/** How long a sentence stays, in milliseconds. */
const SHOWN_MS = 5_000;

const Say = createContext<(sentence: string) => void>(() => {});

/** Says something that needs no answer, to eyes and to screen readers. */
export function useSay(): (sentence: string) => void {
  return useContext(Say);
}

/** Shows, for a while, the last thing that anything inside has said. */
export function Toasts({ children }: { readonly children: ComponentChildren }) {
  const [said, setSaid] = useState<{ readonly sentence: string }>();
  const say = useCallback((sentence: string) => setSaid({ sentence }), []);
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Say.Provider value={say}>
      {children}
      <div class="toasts" role="status">
        {said && <p class="toast">{said.sentence}</p>}
      </div>
    </Say.Provider>
  );
}
