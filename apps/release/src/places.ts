import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, from the sources as well as from `dist`. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
