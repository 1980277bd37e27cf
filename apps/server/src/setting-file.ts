import { readFile } from "node:fs/promises";
import { ServerError } from "./errors.js";

/**
 * The text of a file that a setting names.
 * @throws {ServerError} `BAD_CONFIG` when it cannot be read.
 */
export async function readSettingFile(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: Error) => {
    throw new ServerError("BAD_CONFIG", `${path} cannot be read: ${cause.message}.`, { cause });
  });
}
