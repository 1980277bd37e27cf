import type { RemoteDocument } from "@motet/client";

/** Resolves once `isSo`, looked at after whatever happens to one of them. */
export function until(documents: readonly RemoteDocument[], isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      for (const stop of stops) stop();
      resolve();
    };
    const stops = documents.flatMap((document) => [document.on("change", look), document.on("state", look)]);
    look();
  });
}
