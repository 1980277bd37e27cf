import type { Rejection, RemoteDocument } from "@motet/client";
import { useState } from "preact/hooks";
import { useSay } from "../ui/toasts.js";
import { useEvent } from "./use-events.js";

/** Changes that the server did not take: they are no longer in the text, and their author decides what becomes of them. */
export function RejectionNotice({ document }: { readonly document: RemoteDocument }) {
  const say = useSay();
  const [rejection, setRejection] = useState<Rejection>();
  useEvent(document, "rejected", setRejection);
  if (rejection === undefined) return null;
  const tryAgain = () => {
    setRejection(undefined);
    try {
      for (const operation of rejection.operations) document.apply(operation);
    } catch {
      say("The text has become another: this change has no place in it any more.");
    }
  };
  return (
    <div class="notice" role="alert">
      <p>The server did not take your last change: {rejection.reason}.</p>
      <div class="buttons">
        <button type="button" class="button" onClick={tryAgain}>
          Try again
        </button>
        <button type="button" class="button" onClick={() => setRejection(undefined)}>
          Let it go
        </button>
      </div>
    </div>
  );
}
