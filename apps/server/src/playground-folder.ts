import { fileURLToPath } from "node:url";

/** Where the page is that comes with this package: what `playground` of the server's options takes. */
export const playgroundFolder: string = fileURLToPath(new URL("./playground/", import.meta.url));
