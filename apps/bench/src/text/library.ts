/**
 * What a library must do to be measured. One file in `libraries/` implements this for each, and nothing
 * else in this package knows a library by name (the goals aside).
 */

/** Text that can be edited. Positions and lengths count UTF-16 code units; `deleted` units go before `inserted` comes. */
export interface EditableText {
  edit(position: number, deleted: number, inserted: string): void;
  text(): string;
  /** Gives back memory that no collector sees. Called outside of what is timed. */
  dispose?(): void;
}

/** One replica of a shared text. */
export interface Replica extends EditableText {
  /** The encoded form of the one edit made since the last call. Only on a replica that was created to publish. */
  takeUpdate(): Uint8Array;
  /** Takes in one update, as it comes from the network. */
  receive(update: Uint8Array): void;
  /** Takes in many updates by the library's way for many, if it has one. */
  receiveAll(updates: readonly Uint8Array[]): void;
  /** The file that this library would keep: with the whole history, if it keeps one. */
  save(): Uint8Array;
  /** What a joining client needs; the same as `save` where a library has nothing smaller. */
  saveForJoining(): Uint8Array;
}

/** A library of shared texts, loaded. */
export interface Engine {
  /**
   * A new replica of one shared, empty text. `index` in [0, 2^31) names it: equal indices give equal replica ids, as wide as
   * the library's own random ones. Updates need be available from replicas that publish only.
   */
  create(index: number, publishes: boolean): Replica;
  /** A replica with the content of a file that `save` wrote, ready to publish. */
  load(saved: Uint8Array, index: number): Replica;
  /** A replica to which all edits were made in one transaction: for libraries that take minutes edit by edit. */
  typed?(edits: Iterable<readonly [position: number, deleted: number, inserted: string]>): Replica;
}

/** How the size of a library in a browser is measured: esbuild bundles the program, WASM files are added. */
export interface BundleSource {
  readonly program: string;
  /** The same with everything that the package exports, where that is of interest. */
  readonly all?: string;
  /** A client of a server, offline edits in the browser and undo included, where the library has one. */
  readonly client?: string;
  /** Files beside the program, as paths under `node_modules`. */
  readonly files?: readonly string[];
}

interface LibraryFacts {
  /** As it stands in tables and in `--only`. */
  readonly name: string;
  /** On npm. */
  readonly packageName: string;
  readonly bundle: BundleSource;
}

/** A library of shared texts. Importing its file costs nothing; `open` loads it. */
export interface SharedTextLibrary extends LibraryFacts {
  readonly kind: "shared";
  /** Replays stop after this many edits, because a whole trace would take minutes. Sizes and loads are then left out, or come from `typed`. */
  readonly editsMax?: number;
  /** Takes part in so many rounds only, because a round takes it half a minute. */
  readonly roundsMax?: number;
  /** Said under the tables. */
  readonly note?: string;
  open(): Promise<Engine>;
}

/** Text without a CRDT: what an edit costs at least. */
export interface PlainTextLibrary extends LibraryFacts {
  readonly kind: "plain";
  open(): Promise<() => EditableText>;
}

export type Library = SharedTextLibrary | PlainTextLibrary;
