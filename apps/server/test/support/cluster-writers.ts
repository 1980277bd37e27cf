import { setTimeout as wait } from "node:timers/promises";
import { connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { Typist } from "./typist.js";

/** Tokens that a writer has on their way at most. */
const AHEAD_MAX = 8;

/** How long somebody waits who could not get in, in milliseconds. */
const RETRY_MS = 50;

/** How long somebody was without a line, at most. */
class Gaps {
  maxMs = 0;
  #sinceMs: number | undefined;
  #hasBegun = false;

  lost(): void {
    if (this.#hasBegun) this.#sinceMs ??= performance.now();
  }

  back(): void {
    this.#hasBegun = true;
    if (this.#sinceMs !== undefined) this.maxMs = Math.max(this.maxMs, performance.now() - this.#sinceMs);
    this.#sinceMs = undefined;
  }
}

/** Somebody who types tokens with rising numbers, `<ann:1>`, `<ann:2>` and so on, at the front of a text, and comes back whenever the line is lost. */
export interface Writer {
  readonly user: string;
  /** Where it connects to. */
  readonly address: string;
  /** The highest number typed, and the highest acknowledged. */
  readonly sent: number;
  readonly acked: number;
  readonly gaps: Gaps;
  /** What should not have happened. */
  readonly complaints: readonly unknown[];
  /** What it shows; `undefined` where it keeps no text. */
  readonly text: string | undefined;
  /** One more token, if not too many are on their way. */
  type(): void;
  leave(): Promise<void>;
}

/** A client of the JSON protocol: what was acknowledged once it never sends again. */
export class JsonWriter implements Writer {
  readonly user: string;
  readonly gaps = new Gaps();
  readonly text = undefined;
  readonly address: string;
  readonly #typist: Typist;
  readonly #coming: Promise<void>;
  #isLeaving = false;
  #isIn = false;

  constructor(address: string, document: string, user: string) {
    this.user = user;
    this.address = address;
    this.#typist = new Typist(user, document);
    this.#coming = this.#comeBack();
  }

  get sent(): number {
    return this.#typist.sent;
  }

  get acked(): number {
    return this.#typist.acked;
  }

  get complaints(): readonly unknown[] {
    // Whoever is sent away because a document is read anew is told so, and comes back.
    return this.#typist.complaints.filter((one) => (one as { code?: string }).code !== "NOT_SAVED");
  }

  type(): void {
    if (this.#isIn && this.sent - this.acked < AHEAD_MAX) this.#typist.type(1, () => {});
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#typist.hangUp();
    await this.#coming;
  }

  async #comeBack(): Promise<void> {
    while (!this.#isLeaving) {
      this.#isIn = await this.#typist.join(this.address).then(
        () => true,
        () => false,
      );
      if (!this.#isIn) await wait(RETRY_MS);
      else {
        this.gaps.back();
        this.#typist.type(0, () => {}); // What was not acknowledged.
        await this.#typist.lost();
        this.#isIn = false;
        this.gaps.lost();
      }
    }
  }
}

/** A client of ours, as an editor has it. */
export class Editor implements Writer {
  readonly user: string;
  readonly gaps = new Gaps();
  readonly address: string;
  readonly complaints: unknown[] = [];
  readonly #document: RemoteDocument;
  /** Up to which operation each token reaches. */
  readonly #ends: number[] = [];
  #acked = 0;

  constructor(address: string, document: string, user: string) {
    this.user = user;
    this.address = address;
    this.#document = connect(address, { document, user, store: new MemoryLocalStore() });
    this.#document.on("state", ({ state }) => {
      if (state === "saved" || state === "saving") this.gaps.back();
      else this.gaps.lost();
    });
    this.#document.on("rejected", (rejection) => this.complaints.push(rejection));
    this.#document.on("refused", (error) => this.complaints.push(error));
  }

  get sent(): number {
    return this.#ends.length;
  }

  get acked(): number {
    const saved = (this.#ends.at(-1) ?? 0) - this.#document.unsaved;
    while (this.#acked < this.#ends.length && this.#ends[this.#acked]! <= saved) this.#acked++;
    return this.#acked;
  }

  get text(): string {
    return this.#document.text;
  }

  get people(): readonly string[] {
    return [...this.#document.people.keys()];
  }

  type(): void {
    if (this.sent - this.acked >= AHEAD_MAX) return;
    const token = `<${this.user}:${this.sent + 1}>`;
    this.#document.insert(0, token);
    this.#ends.push((this.#ends.at(-1) ?? 0) + token.length);
  }

  leave(): Promise<void> {
    return this.#document.close();
  }
}
