import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { ServerError } from "./errors.js";

/**
 * Takes a folder to keep documents in, and makes it where there is none.
 * @throws {ServerError} `NO_DATA_FOLDER`, saying why, when somebody else has the folder or it cannot be used.
 */
export async function openDataFolder(folder: string): Promise<LmdbDocumentStore> {
  try {
    return await LmdbDocumentStore.open({ folder });
  } catch (cause) {
    throw new ServerError("NO_DATA_FOLDER", `Cannot keep documents in ${folder}: ${reason(cause)}`, {
      cause,
    });
  }
}

/** The system's own sentence where there is one: it names the file. */
function reason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  return cause instanceof Error ? cause.message : String(cause);
}
