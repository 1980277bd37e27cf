import { type Edit, type Ledger, type Said, tokensIn } from "./ledger.js";
import type { Machine } from "./machine.js";
import type { Network } from "./network.js";
import type { Page } from "./page.js";

/** What somebody at a machine of their own works with. */
export interface PersonOptions {
  readonly machine: Machine;
  readonly network: Network;
  /** What they edit. */
  readonly page: Page;
  /** Never edits. */
  readonly onlyReads: boolean;
}

/** Longest pause between two things that somebody does, in milliseconds. */
const PAUSE_MS = 900;

/** Somebody who edits the document with one kind of client, at random, as long as they are restless. */
export abstract class Person {
  readonly machine: Machine;
  protected readonly network: Network;
  readonly page: Page;
  readonly #onlyReads: boolean;
  isRestless = true;
  /** How they said on this page that they feel. */
  mood: number | undefined;
  #isLeaving = false;
  /** Pages so far. */
  #pages = 0;

  constructor({ machine, network, page, onlyReads }: PersonOptions) {
    this.machine = machine;
    this.network = network;
    this.page = page;
    this.#onlyReads = onlyReads;
  }

  get name(): string {
    return this.machine.name;
  }

  get ledger(): Ledger {
    return this.page.ledger;
  }

  get edits(): boolean {
    return !this.#onlyReads;
  }

  /** Whether the client runs. */
  get isHere(): boolean {
    return this.machine.isUp;
  }

  /** Whether the line stands and everything that was done here is saved. */
  abstract get isSettled(): boolean;
  /** What the client shows. */
  abstract get said(): Said;
  /** Whom the client shows, and how they feel. */
  abstract get people(): ReadonlyMap<string, unknown>;

  /** Starts the client, again with what it has kept. */
  start(): void {
    if (this.isHere) return;
    this.#pages++;
    this.#isLeaving = false;
    this.mood = undefined;
    this.machine.start();
    this.open();
    this.#wait();
  }

  /** The page is closed as it should be; resolves when that is done. */
  async leave(): Promise<void> {
    if (!this.isHere || this.#isLeaving) return;
    this.#isLeaving = true;
    const page = this.#pages;
    await this.close();
    if (page === this.#pages) this.machine.end();
  }

  /** The program ends without a word. */
  crash(): void {
    if (!this.isHere) return;
    this.#pages++;
    this.machine.end();
    this.forget();
  }

  /** Types a token, as soon as that can be done. */
  type(): void {
    if (this.isReady) this.#typeToken();
    else this.machine.after(100, () => this.type());
  }

  /** Gives the document a title that was never used. */
  rename(title: string): void {
    this.entitle(title, this.#made("name", title));
  }

  protected abstract open(): void;
  protected abstract close(): Promise<void>;
  /** What is not saved is not waited for any more. */
  protected abstract forget(): void;
  /** Whether something can be done now. */
  protected abstract get isReady(): boolean;
  protected abstract insert(position: number, token: string, edit: Edit): void;
  protected abstract erase(token: string, edit: Edit): void;
  protected abstract count(edit: Edit): void;
  protected abstract entitle(title: string, edit: Edit): void;
  /** Moves the cursor there. */
  protected abstract point(position: number): void;
  protected abstract feel(mood: number): void;

  #made(kind: Edit["kind"], what: string): Edit {
    return this.ledger.made({ user: this.name, kind, what });
  }

  /** Somewhere between two tokens. */
  protected somewhere(text: string): number {
    const tokens = tokensIn(text);
    const before = this.machine.rng.int(tokens.length + 1);
    return tokens.slice(0, before).reduce((sum, token) => sum + token.length, 0);
  }

  #typeToken(): void {
    const token = this.ledger.newToken(this.name);
    this.insert(this.somewhere(this.said.text), token, this.#made("type", token));
  }

  #wait(): void {
    this.machine.after(20 + this.machine.rng.int(PAUSE_MS), () => {
      if (this.isRestless && !this.#isLeaving && this.isReady) this.#act(this.machine.rng.int(100));
      this.#wait();
    });
  }

  #act(luck: number): void {
    if (luck < 15) this.point(this.somewhere(this.said.text));
    else if (luck < 20) this.#change(luck);
    else if (this.#onlyReads) return;
    else if (luck < 70) this.#typeToken();
    else if (luck < 82) this.#eraseOne();
    else if (luck < 92) this.count(this.#made("count", ""));
    else this.rename(this.ledger.newToken(this.name));
  }

  #change(mood: number): void {
    this.mood = mood;
    this.feel(mood);
  }

  #eraseOne(): void {
    const own = tokensIn(this.said.text).filter((token) => token.startsWith(`<${this.name}:`));
    if (own.length === 0) return;
    const token = this.machine.rng.pick(own);
    this.erase(token, this.#made("erase", token));
  }
}
