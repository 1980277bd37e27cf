import {
  type Access,
  type BatchOutcome,
  type DocumentHistory,
  type DocumentKey,
  type DocumentManager,
  type DocumentSnapshot,
  type NamedVersion,
  type OpenDocument,
  type Operation,
  type RequestName,
  type UserId,
  userId,
  type VersionReference,
} from "@motet/document";
import type { Participant, PresenceTracker } from "@motet/presence";
import type { Clock } from "./clock.js";
import { noDocument } from "./errors.js";
import type { ServerEvent, ServerEvents } from "./server-events.js";

/** What a {@link DocumentHandle} works with. */
export interface DocumentHandleOptions {
  readonly key: DocumentKey;
  readonly documents: DocumentManager;
  readonly presence: PresenceTracker;
  readonly events: ServerEvents;
  readonly clock: Clock;
}

/** On whose behalf a program changes a document, and in which text it counts. */
export interface EditOptions {
  /** 1 to 128 of `[A-Za-z0-9_-]`. @default "server" */
  readonly user?: UserId | string;
  /** The state in which the first position counts; the text as it is without it. */
  readonly base?: VersionReference;
  /** Names the request, so that one made again is not carried out again. */
  readonly request?: RequestName;
}

/** An event that is about a document. */
export type DocumentEvent = Extract<ServerEvent, { readonly document: DocumentKey }>;

const SERVER = userId("server");

/**
 * One document, for programs that embed the server. What it changes is told to everybody who has the document open; everything resolves once
 * it is durable, and shows nothing that is not. It holds nothing open, and need not be closed.
 */
export class DocumentHandle {
  readonly key: DocumentKey;
  readonly #options: DocumentHandleOptions;

  /** Made by `CollaborativeServer.document`. @internal */
  constructor(options: DocumentHandleOptions) {
    this.key = options.key;
    this.#options = options;
  }

  /** What it says; what it said in an earlier state. @throws {DocumentError} `UNKNOWN_VERSION`, and as `DocumentManager.open`. */
  read(version?: VersionReference): Promise<DocumentSnapshot> {
    return this.#with(({ document, history }) =>
      version === undefined ? document.snapshot() : history.at(version),
    );
  }

  /** What `look` makes of its history. It must return a value, read before it returns. */
  history<T>(look: (history: DocumentHistory) => T): Promise<T> {
    return this.#with(({ history }) => look(history));
  }

  /** Begins it. @throws {DocumentError} `EXISTS`, and as {@link edit}. */
  async create(
    operations: readonly Operation[],
    options: Omit<EditOptions, "base"> = {},
  ): Promise<BatchOutcome> {
    return this.#options.documents.create(this.key, operations, this.#context(options));
  }

  /** Makes operations, all of them or none. @throws what `OpenDocument.applyAll` throws. */
  edit(operations: readonly Operation[], options: EditOptions = {}): Promise<BatchOutcome> {
    return this.#with((open) => open.applyAll(operations, this.#context(options)));
  }

  /** Gives a state a name; the latest without `version`. @throws what `OpenDocument.nameVersion` throws. */
  nameVersion(
    name: string,
    { user = SERVER, version }: { readonly user?: UserId | string; readonly version?: VersionReference } = {},
  ): Promise<NamedVersion> {
    return this.#with((open) => open.nameVersion(name, this.#by(user), version));
  }

  /** Makes it say again what it said. @returns the number of the state that this led to. @throws {DocumentError} `UNKNOWN_VERSION`. */
  restore(version: VersionReference, user: UserId | string = SERVER): Promise<number> {
    return this.#with((open) => {
      open.restore(version, this.#by(user));
      return open.document.versionNumber;
    });
  }

  /**
   * Says what a user may do with it from now on, whatever they may do with others; `undefined` takes that back. By the time it resolves it
   * holds for connections that stand, too: those that may do nothing any more are closed with 4403.
   * @param by Whoever says so.
   * @throws {ServerError} `NO_DOCUMENT` when nobody has written it.
   */
  setAccess(user: UserId | string, access: Access | undefined, by: UserId | string = SERVER): Promise<void> {
    return this.#with((open) => {
      if (open.document.versionNumber === 0) throw noDocument();
      open.setAccess(userId(user), access, this.#by(by));
    });
  }

  /** Deletes it for good; its connections are closed with 4410. @returns whether there was anything. */
  delete(): Promise<boolean> {
    return this.#options.documents.delete(this.key);
  }

  /** Who has it open. */
  users(): readonly Participant[] {
    return this.#options.presence.participants(this.key);
  }

  /** Has `listener` hear what happens to this document. @returns What ends that. */
  observe(listener: (event: DocumentEvent) => void): () => void {
    return this.#options.events.subscribe((event) => {
      if ("document" in event && event.document === this.key) listener(event);
    });
  }

  #with<T>(work: (open: OpenDocument) => T): Promise<T> {
    return this.#options.documents.withDocument(this.key, work);
  }

  #context({ user = SERVER, ...options }: EditOptions) {
    return { ...this.#by(user), heardMs: this.#options.clock.monotonicMs(), ...options };
  }

  /** Who does something, now. @throws {DocumentError} `MALFORMED` for what is no user's id. */
  #by(user: UserId | string) {
    return { user: userId(user), nowMs: this.#options.clock.wallMs() };
  }
}
