import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, DocumentApi } from "./document-api.js";
import { type MarkedText, markedText } from "./marked-text.js";

/** A state of the document, and what had happened since an earlier one. */
export interface Past {
  readonly version: number;
  readonly title: string;
  readonly text: string;
  readonly marked: MarkedText;
}

/** Which state, and since when its changes are marked. */
export interface PastRequest {
  readonly base: number;
  readonly version: number;
}

/**
 * The state that was asked for last, as soon as it is here; until then the one before it. While one is being read
 * no other is asked for: a slider that is dragged skips what it passes.
 */
export function usePast(api: DocumentApi, { base, version }: PastRequest) {
  const [past, setPast] = useState<Past>();
  const [error, setError] = useState<ApiError>();
  const wanted = useRef<PastRequest | undefined>(undefined);
  const isReading = useRef(false);
  useEffect(() => {
    wanted.current = { base, version };
    if (isReading.current) return;
    isReading.current = true;
    readNewest(api, wanted, setPast)
      .then(() => setError(undefined), setError)
      .finally(() => {
        isReading.current = false;
      });
  }, [api, base, version]);
  return { past, error, isCurrent: past?.version === version };
}

/** Reads until what was read is what is wanted. */
async function readNewest(
  api: DocumentApi,
  wanted: { current: PastRequest | undefined },
  show: (past: Past) => void,
): Promise<void> {
  for (let request = wanted.current; request !== undefined; ) {
    show(await readPast(api, request));
    if (wanted.current === request) wanted.current = undefined;
    request = wanted.current;
  }
}

async function readPast(api: DocumentApi, { base, version }: PastRequest): Promise<Past> {
  const [{ title, text }, steps] = await Promise.all([api.at(version), api.diff(base, version)]);
  return { version, title, text, marked: markedText(text, steps) };
}
