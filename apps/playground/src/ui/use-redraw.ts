import { useReducer } from "preact/hooks";

/** A function that draws the component again; it stays the same. */
export function useRedraw(): () => void {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  return redraw as () => void;
}
