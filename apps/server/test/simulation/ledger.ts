/** What somebody did, and what they know of it. */
export interface Edit {
  readonly user: string;
  readonly kind: "type" | "erase" | "count" | "name";
  /** The token that was typed or erased, or the title; empty for a count. */
  readonly what: string;
  /** `open`: it is to be saved yet. `unsure`: whoever made it will never know. */
  fate: "open" | "saved" | "unsure";
}

/** What a {@link Ledger} needs of the world. */
export interface LedgerOptions {
  /** Whether the database has ever had a token in this document. */
  readonly hasStored: (token: string) => boolean;
  readonly nextToken: () => number;
  readonly complain: (what: string) => void;
}

/** What a document says, as far as the ledger knows. */
export interface Said {
  readonly text: string;
  readonly title: string;
  readonly count: number;
}

/** Everything that has the form of a token in a text. */
export function tokensIn(text: string): readonly string[] {
  return text.match(/<[a-z]+:\d+>/g) ?? [];
}

/**
 * Everything that was ever done to a document, each typed token unlike all others, so that of each it can be said whether it is in the text once, as it
 * should. Only who typed a token erases it.
 */
export class Ledger {
  readonly #edits: Edit[] = [];
  readonly #options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#edits.length;
  }

  /** Something went wrong while it happened. */
  complain(what: string): void {
    this.#options.complain(what);
  }

  /** A token that was never used, in whatever document. */
  newToken(user: string): string {
    return `<${user}:${this.#options.nextToken()}>`;
  }

  made(edit: Omit<Edit, "fate">): Edit {
    const noted: Edit = { ...edit, fate: "open" };
    this.#edits.push(noted);
    return noted;
  }

  /**
   * The database was set back. Of what had been saved only that must come back which is on a page that is still there.
   * @param pages What the page of each user shows, of those who are there.
   */
  setBack(pages: ReadonlyMap<string, string>): void {
    const shown = [...pages.values()].join("");
    for (const edit of this.#edits) {
      const isHeld = edit.kind === "type" && shown.includes(edit.what);
      const page = edit.kind === "erase" ? pages.get(edit.user) : undefined;
      if (!isHeld && (page === undefined || page.includes(edit.what)) && edit.fate === "saved")
        edit.fate = "unsure";
    }
  }

  /** Somebody was given this text back, which the server does not take; and what they did with text of their own, perhaps. */
  givenBack(user: string, text: string): void {
    const tokens = new Set(tokensIn(text));
    for (const edit of this.#edits)
      if (tokens.has(edit.what) || (edit.user === user && edit.kind !== "type")) edit.fate = "unsure";
  }

  /** Somebody was told that the edit is saved. */
  saved(edit: Edit): void {
    if (edit.fate === "unsure") return;
    edit.fate = "saved";
    if (edit.kind === "type" && !this.#options.hasStored(edit.what))
      this.complain(`${edit.user} was told that ${edit.what} is saved, and it is not in the database`);
  }

  /** Everything of a user that was not saved is told about no more. */
  forgotten(user: string): void {
    for (const edit of this.#edits) if (edit.user === user && edit.fate === "open") edit.fate = "unsure";
  }

  /** A server says something to somebody. */
  told(who: string, bytes: Uint8Array): void {
    for (const token of tokensIn(Buffer.from(bytes).toString("latin1"))) {
      if (!this.#options.hasStored(token))
        this.complain(`${who} is told of ${token}, which is not in the database`);
    }
  }

  /** What is wrong with what a document says once everything is over. */
  judge(said: Said): readonly string[] {
    const open = this.#edits.filter(({ fate }) => fate === "open");
    return [
      ...open.map(({ user, kind, what }) => `${user} never heard that it is saved: ${kind} ${what}`),
      ...this.#judgeText(said.text),
      ...this.#judgeCount(said.count),
      ...this.#judgeTitle(said.title),
    ];
  }

  #judgeText(text: string): readonly string[] {
    const found = tokensIn(text);
    const times = new Map<string, number>();
    for (const token of found) times.set(token, (times.get(token) ?? 0) + 1);
    const wrong = found.join("") === text ? [] : ["there is something in the text that nobody typed"];
    const erased = new Map(this.#of("erase").map((edit) => [edit.what, edit]));
    for (const typed of this.#of("type")) {
      const count = times.get(typed.what) ?? 0;
      times.delete(typed.what);
      if (count > 1) wrong.push(`${typed.what} is there ${count} times`);
      if (count === 0 && typed.fate === "saved" && !erased.has(typed.what))
        wrong.push(`${typed.what} was saved, and is lost`);
      if (count > 0 && erased.get(typed.what)?.fate === "saved")
        wrong.push(`${typed.what} was erased, and is back`);
    }
    return [...wrong, ...[...times.keys()].map((token) => `${token} was never typed`)];
  }

  #judgeCount(count: number): readonly string[] {
    const counts = this.#of("count");
    const saved = counts.filter(({ fate }) => fate === "saved").length;
    if (count >= saved && count <= counts.length) return [];
    return [`the counter says ${count}, and was counted up ${saved} to ${counts.length} times`];
  }

  #judgeTitle(title: string): readonly string[] {
    const names = this.#of("name");
    const isKnown = names.some(({ what }) => what === title);
    const isEmpty = title === "" && !names.some(({ fate }) => fate === "saved");
    return isKnown || isEmpty ? [] : [`the title is "${title}", which nobody set`];
  }

  #of(kind: Edit["kind"]): readonly Edit[] {
    return this.#edits.filter((edit) => edit.kind === kind);
  }
}
