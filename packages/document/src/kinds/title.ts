import { Reader, Writer } from "@motet/crdt-core";
import { isLater, type Written } from "./last-written.js";
import type { RowKind } from "./row-kind.js";
import { readStamp, writeStamp } from "./stamp.js";
import { mustBeWellFormed, wellFormedString } from "./well-formed.js";

/** The longest title, in UTF-16 code units. */
const TITLE_UNITS_MAX = 1000;

/** Gives the document a title: 0 to 1,000 UTF-16 code units. The last writer wins. */
export interface SetTitleOperation {
  readonly type: "set_title";
  readonly title: string;
}

/** The title as it stands; nothing was written yet when `last` is missing. */
export interface TitleState {
  last?: Written<string>;
}

/** Its fields, as valibot entries. */
export const titleFields = () => ({ title: wellFormedString(0, TITLE_UNITS_MAX) });

/** Row 1: the title. */
export const titleKind: RowKind<SetTitleOperation, TitleState> = {
  type: "set_title",
  number: 1,
  right: "write",
  empty: () => ({}),

  // title := stamp title:string
  write({ title }, stamp) {
    mustBeWellFormed("title", title, 0, TITLE_UNITS_MAX);
    return writeStamp(new Writer(), stamp()).string(title).finish();
  },

  read(bytes) {
    const reader = new Reader(bytes);
    const stamp = readStamp(reader);
    const title = reader.string();
    reader.end();
    mustBeWellFormed("title", title, 0, TITLE_UNITS_MAX);
    return {
      operation: { type: "set_title", title },
      stamp,
      applyTo(state, id) {
        const written = { value: title, stamp, id };
        if (!isLater(written, state.last)) return false;
        const before = state.last?.value ?? "";
        state.last = written;
        return before !== title;
      },
    };
  },
};
