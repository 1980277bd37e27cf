import type { ClientError, RemoteDocument } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useState } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { openDocument } from "./open-document.js";
import { RefusedPage } from "./refused-page.js";
import { useEvent } from "./use-events.js";
import { useSelf } from "./use-self.js";
import { Workplace } from "./workplace.js";

/** One document, for as long as the page is there; or why it cannot be had. */
export function DocumentPage({ id }: { readonly id: DocumentId }) {
  const kept = useKept();
  const [document] = useState(() => openDocument(id, kept));
  const self = useSelf(document);
  const refusal = useRefusal(document);
  if (refusal !== undefined) {
    return <RefusedPage document={id} error={refusal} onRetry={() => document.reconnect()} />;
  }
  return <Workplace id={id} document={document} self={self} />;
}

/** Why the server wants no other attempt, for as long as it does not. */
function useRefusal(document: RemoteDocument): ClientError | undefined {
  const [refusal, setRefusal] = useState<ClientError>();
  useEvent(document, "refused", setRefusal);
  const forget = useCallback(() => {
    if (document.state !== "refused") setRefusal(undefined);
  }, [document]);
  useEvent(document, "state", forget);
  return refusal;
}
