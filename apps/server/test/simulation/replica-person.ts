import {
  type ClientError,
  connect,
  type LocalStore,
  MemoryLocalStore,
  type RemoteDocument,
} from "@motet/client";
import type { Operation } from "@motet/document";
import type { Edit, Said } from "./ledger.js";
import type { Machine } from "./machine.js";
import { Person, type PersonOptions } from "./person.js";

/** What the simulation adds to a {@link Person} whose client is the SDK. */
export interface ReplicaPersonOptions extends PersonOptions {
  /** What is done otherwise to what the client keeps. */
  readonly kept: (store: LocalStore) => LocalStore;
  /** Whether the database was set back: then the server may lack things, and not take everything. */
  readonly wasSetBack: () => boolean;
}

/** How long a client waits before it connects again, at most; how soon it doubts a silent server. In milliseconds. */
export const PATIENCE = { backoffBaseMs: 300, backoffCeilingMs: 3_000, connectTimeoutMs: 3_000 };

/** Longest time that a machine takes to put something down, in milliseconds. */
const DISK_MS = 15;

/** What a server says when the store, or a clock, is to blame. */
const PASSING = /^(NOT_SAVED|STORE_UNAVAILABLE|CLOCK_AHEAD): /;

/** What one says that was set back. */
const SET_BACK = /^(the server lacks what it had before|REPLICA_TAKEN: |REPLICA_REFUSED: )/;

/** Somebody with the SDK, whose pages keep what is not saved. */
export class ReplicaPerson extends Person {
  readonly #kept = new MemoryLocalStore();
  readonly #options: ReplicaPersonOptions;
  #document: RemoteDocument | undefined;
  #open: Edit[] = [];

  constructor(options: ReplicaPersonOptions) {
    super(options);
    this.#options = options;
  }

  get isSettled(): boolean {
    return this.#document?.state === "saved" && this.#open.length === 0;
  }

  get said(): Said {
    const { text, title } = this.#page;
    return { text, title, count: this.#page.counter("likes") };
  }

  get people(): ReadonlyMap<string, unknown> {
    return new Map([...this.#page.people].map(([name, { state }]) => [name, state["mood"]]));
  }

  /** Works offline, or no longer. */
  setOnline(isOnline: boolean): void {
    if (isOnline) this.#page.reconnect();
    else this.#page.disconnect();
  }

  protected open(): void {
    const { machine, network, ledger } = this;
    const { wasSetBack } = this.#options;
    const document = connect("ws://motet.test", {
      document: this.page.id,
      user: this.name,
      activity: false,
      store: this.#options.kept(new LocalDisk(this.#kept, machine)),
      limits: { ...PATIENCE, localEntriesMax: 16 },
      platform: {
        open: (_url, listener) => network.open(machine, this.page.id, listener),
        clock: { now: machine.wallMs, after: machine.after },
        random: () => machine.rng.next(),
        randomBytes: machine.randomBytes,
        wakeUps: () => () => {},
        endOfTurn: machine.endOfTurn,
      },
    });
    document.on("rejected", ({ code, operations }) => {
      if (wasSetBack() && code.startsWith("REPLICA_")) ledger.givenBack(this.name, textOf(operations));
      else ledger.complain(`${this.name} was given edits back: ${code}`);
    });
    document.on("refused", ({ message }) => ledger.complain(`${this.name} was turned away: ${message}`));
    document.on("problem", ({ code, message, cause }) => {
      if (code === "UNREACHABLE" || PASSING.test(message) || (wasSetBack() && SET_BACK.test(message))) return;
      ledger.complain(`${this.name} has a problem: ${code} ${message} ${String(cause ?? "")}`);
    });
    this.#document = document;
    const before = [...this.#open];
    void document.whenLoaded().then(() => this.#await(before));
  }

  protected async close(): Promise<void> {
    await this.#page.close();
    // One is for what they would have done next.
    if (this.machine.timers > 1) this.ledger.complain(`${this.name} closed the page, and its timers run on`);
  }

  protected forget(): void {
    this.ledger.forgotten(this.name);
    this.#open = [];
  }

  protected get isReady(): boolean {
    return this.#document !== undefined;
  }

  protected insert(position: number, token: string, edit: Edit): void {
    this.#do(edit, (page) => page.insert(position, token));
  }

  protected erase(token: string, edit: Edit): void {
    this.#do(edit, (page) => page.delete(page.text.indexOf(token), token.length));
  }

  protected count(edit: Edit): void {
    this.#do(edit, (page) => page.increment("likes"));
  }

  protected entitle(title: string, edit: Edit): void {
    this.#do(edit, (page) => page.setTitle(title));
  }

  protected point(position: number): void {
    this.#page.setSelection({ anchor: position, head: position });
  }

  protected feel(mood: number): void {
    this.#page.setPresence({ state: { mood } });
  }

  get #page(): RemoteDocument {
    return this.#document!;
  }

  #do(edit: Edit, work: (page: RemoteDocument) => void): void {
    this.#open.push(edit);
    work(this.#page);
    this.#await([edit]);
  }

  #await(edits: readonly Edit[]): void {
    void this.#page.whenSaved().then(
      () => {
        for (const edit of edits) this.ledger.saved(edit);
        this.#open = this.#open.filter((edit) => !edits.includes(edit));
      },
      // Closed: another page waits for them. Or something was given back, and the rest may be saved yet.
      (error: ClientError) => error.code === "REJECTED" && this.#await(edits),
    );
  }
}

function textOf(operations: readonly Operation[]): string {
  return operations.map((operation) => (operation.type === "insert" ? operation.text : "")).join("");
}

/** What a machine keeps of its pages, once it has put it down. */
class LocalDisk implements LocalStore {
  readonly #kept: LocalStore;
  readonly #machine: Machine;

  constructor(kept: LocalStore, machine: Machine) {
    this.#kept = kept;
    this.#machine = machine;
  }

  load: LocalStore["load"] = (bag) => this.#inTime(() => this.#kept.load(bag));
  write: LocalStore["write"] = (...what) => this.#inTime(() => this.#kept.write(...what));
  clear: LocalStore["clear"] = (bag) => this.#kept.clear(bag);
  close: LocalStore["close"] = async () => {};

  #inTime<T>(work: () => Promise<T>): Promise<T> {
    const { rng } = this.#machine;
    return new Promise((resolve) => {
      this.#machine.turn(1 + rng.int(DISK_MS), () => void work().then(resolve));
    });
  }
}
