import type { Dialect } from "./dialect.js";
import { motet, motetComposing } from "./motet.js";
import { sharedb } from "./sharedb.js";
import { hocuspocus, yWebSocket } from "./yjs.js";

/** The protocols that the load generator speaks. */
export const DIALECTS = {
  motet,
  "motet, composing": motetComposing,
  hocuspocus,
  "y-websocket": yWebSocket,
  sharedb,
} satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
