import { LmdbDocumentStore, type StoreEvent } from "@motet/storage-lmdb";
import { ServerError } from "./errors.js";

/**
 * Takes a folder to keep documents in, and makes it where there is none. `complain` hears of each commit that failed.
 * @throws {ServerError} `NO_DATA_FOLDER`, saying why, when somebody else has the folder or it cannot be used.
 */
export async function openDataFolder(
  folder: string,
  complain: (line: string) => void,
): Promise<LmdbDocumentStore> {
  try {
    return await LmdbDocumentStore.open({ folder, observe: (event) => report(event, complain) });
  } catch (cause) {
    throw new ServerError("NO_DATA_FOLDER", `Cannot keep documents in ${folder}: ${reason(cause)}`, {
      cause,
    });
  }
}

/** A document in quarantine is named by whoever opens it in vain; what commits take is for metrics, not for a log. */
function report(event: StoreEvent, complain: (line: string) => void): void {
  if (event.type !== "commit_failed") return;
  complain(`${event.writes} changes were not saved and not acknowledged: ${event.error.message}`);
}

/** The system's own sentence where there is one: it names the file. */
function reason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  return cause instanceof Error ? cause.message : String(cause);
}
