import type { RemoteDocument } from "@motet/client";
import { useCallback, useState } from "preact/hooks";

/** Whether the user wants no line, and the way to say so. */
export function useOfflineSwitch(document: RemoteDocument): readonly [boolean, (isOffline: boolean) => void] {
  const [isOffline, setIsOffline] = useState(false);
  const turn = useCallback(
    (toOffline: boolean) => {
      setIsOffline(toOffline);
      if (toOffline) document.disconnect();
      else document.reconnect();
    },
    [document],
  );
  return [isOffline, turn];
}
