import { type Document, type DocumentKey, splitDocumentKey } from "@motet/document";
import type { Participant, ParticipantChange, PresenceTracker } from "@motet/presence";
import {
  type Connection,
  type ConnectionManager,
  encodeServerMessage,
  Frame,
  type ReaderKind,
  type UserState,
} from "@motet/transport";
import type { Later } from "./platform.js";
import { presenceMessage, userChange, userState } from "./server-messages.js";

/** What a relay works with. */
export interface PresenceRelayOptions {
  readonly connections: ConnectionManager;
  readonly presence: PresenceTracker;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  readonly later: Later;
}

/** A document whose readers are told of each other. */
interface Told {
  readonly document: Document;
  /** When they may be told next. */
  nextMs: number;
  cancel: (() => void) | undefined;
}

/** The readers of a document are told of each other at most this often: 20 times a second. */
const PAUSE_MS = 50;

const KINDS: readonly ReaderKind[] = ["json", "replica"];

/**
 * Tells the readers of a document what is new of its people: one frame for all readers of a kind, with the last of each
 * user, at once if nothing was told for a while, else when the pause is over. A timer runs only while there is something
 * to tell.
 */
export class PresenceRelay {
  readonly #options: PresenceRelayOptions;
  readonly #told = new Map<string, Told>();

  constructor(options: PresenceRelayOptions) {
    this.#options = options;
  }

  /** `document` has readers; cursors are placed in its text. */
  begin(key: DocumentKey, document: Document): void {
    const { nextMs = 0, cancel } = this.#told.get(key) ?? {};
    this.#told.set(key, { document, nextMs, cancel });
  }

  /** Nobody reads the document any more. */
  forget(key: DocumentKey): void {
    this.#told.get(key)?.cancel?.();
    this.#told.delete(key);
  }

  /** There may be something new of the people in a document. */
  note(key: string): void {
    const told = this.#told.get(key);
    const { presence, nowMs, later } = this.#options;
    if (told === undefined || told.cancel !== undefined || !presence.hasChanges(key)) return;
    told.cancel = later(Math.max(0, told.nextMs - nowMs()), () => this.#tell(key as DocumentKey));
  }

  /** How everybody is, for a reader who has missed something. */
  whole({ document: key, kind }: Connection): Frame | undefined {
    const told = this.#told.get(key);
    if (told === undefined) return undefined;
    return this.#frame(key as DocumentKey, kind, this.#options.presence.participants(key), told.document);
  }

  /** Those who are in a document, as a new reader of that kind is told. */
  users(key: DocumentKey, kind: ReaderKind): readonly UserState[] {
    const document = this.#told.get(key)?.document;
    return this.#options.presence.participants(key).map((one) => userState(one, kind, document));
  }

  #tell(key: DocumentKey): void {
    const told = this.#told.get(key);
    if (told === undefined) return;
    const { presence, connections, nowMs } = this.#options;
    told.cancel = undefined;
    told.nextMs = nowMs() + PAUSE_MS;
    const changes = presence.takeChanges(key);
    for (const kind of KINDS) {
      const frame = connections.count(key, kind) > 0 && this.#frame(key, kind, changes, told.document);
      if (frame) connections.broadcast(key, frame, { kind });
    }
  }

  #frame(
    key: DocumentKey,
    kind: ReaderKind,
    changes: readonly (Participant | ParticipantChange)[],
    text: Document,
  ): Frame | undefined {
    const { document } = splitDocumentKey(key);
    const users = changes.map((change) => userChange(change, kind, text));
    return users.length === 0 ? undefined : Frame.text(encodeServerMessage(presenceMessage(document, users)));
  }
}
