/**
 * A server's document from its first opener to the last one's leave.
 *
 *     loading --loaded--> serving --released--> leaving --settled--> gone
 *        |                   ^  |                 |  |                ^
 *        |                   |  +---opened--------+  |                |
 *        |                   +------opened-----------+                |
 *        +--loadFailed---------------------(writeFailed from anywhere)+
 */
export type DocumentState = "loading" | "serving" | "leaving" | "gone";

/** `released` is the last handle's; `settled` says that nothing gathers and nothing is in the store. */
export type DocumentEvent = "loaded" | "loadFailed" | "opened" | "released" | "settled" | "writeFailed";

/** What becomes of a document in each state at each event: every pair has its line, so none is left to chance. */
export const NEXT: Readonly<Record<DocumentState, Readonly<Record<DocumentEvent, DocumentState>>>> = {
  loading: {
    loaded: "serving",
    loadFailed: "gone",
    opened: "loading",
    released: "loading",
    settled: "loading",
    writeFailed: "gone",
  },
  serving: {
    loaded: "serving",
    loadFailed: "serving",
    opened: "serving",
    released: "leaving",
    settled: "serving",
    writeFailed: "gone",
  },
  leaving: {
    loaded: "leaving",
    loadFailed: "leaving",
    opened: "serving",
    released: "leaving",
    settled: "gone",
    writeFailed: "gone",
  },
  gone: {
    loaded: "gone",
    loadFailed: "gone",
    opened: "gone",
    released: "gone",
    settled: "gone",
    writeFailed: "gone",
  },
};
