import {
  type Announcement,
  type DocumentKey,
  decodeAnnouncement,
  encodeAnnouncement,
  isDocumentKey,
  type OtherNodes,
} from "@motet/document";
import type { Fanout, FanoutListener } from "@motet/transport";
import type { BusMessageKind } from "./bus-messages.js";

/** Who hears what other nodes say. */
export interface ClusterBusListener {
  /** `undefined`: something was stored, and what is said in the words of another version. */
  entries(key: DocumentKey, announcement: Announcement | undefined): void;
  people(key: DocumentKey, bytes: Uint8Array): void;
  broadcast(key: DocumentKey, bytes: Uint8Array): void;
  beat(bytes: Uint8Array): void;
  /** The bus is there again: something may have been missed. */
  restored(): void;
  lost(): void;
  /** Somebody who is none of the nodes said something. */
  forged(): void;
}

/** The channel on which nodes say that they live. No document's key is without a slash. */
const NODES = "nodes";

// message := kind:u8 content      On a document's channel: 1 entries, 2 people, 3 broadcast. On that of all nodes: 4 a sign of life.
const KINDS = { entries: 1, people: 2, broadcast: 3, beat: 4 } as const;

/** What this node and the others say to each other, over a fan-out: one channel for each open document, one for all nodes. */
export class ClusterBus implements OtherNodes {
  readonly #fanout: Fanout;
  #ignored = 0;

  constructor(fanout: Fanout) {
    this.#fanout = fanout;
  }

  get areHeard(): boolean {
    return this.#fanout.isUp;
  }

  /** Messages that were none, since the start. */
  get ignored(): number {
    return this.#ignored;
  }

  start(listener: ClusterBusListener): void {
    const heard: FanoutListener["heard"] = (channel, message) => {
      try {
        this.#tell(listener, channel, message);
      } catch {
        this.#ignored++; // Whatever it was: the store is asked sooner or later.
      }
    };
    void this.#fanout.subscribe(NODES);
    this.#fanout.start({
      heard,
      lost: () => listener.lost(),
      restored: () => listener.restored(),
      forged: () => listener.forged(),
    });
  }

  subscribe(key: DocumentKey): Promise<void> {
    return this.#fanout.subscribe(key);
  }

  unsubscribe(key: DocumentKey): void {
    this.#fanout.unsubscribe(key);
  }

  announce(key: DocumentKey, announcement: Announcement): void {
    this.#publish(key, "entries", encodeAnnouncement(announcement));
  }

  /** Says something that is not in the store: to those who have the document open, or to all nodes. */
  say(key: DocumentKey | undefined, kind: BusMessageKind, message: object): void {
    this.#publish(key ?? NODES, kind, new TextEncoder().encode(JSON.stringify(message)));
  }

  close(): Promise<void> {
    return this.#fanout.close();
  }

  #read(content: Uint8Array): Announcement | undefined {
    try {
      return decodeAnnouncement(content);
    } catch {
      this.#ignored++;
      return undefined;
    }
  }

  #publish(channel: string, kind: keyof typeof KINDS, content: Uint8Array): void {
    const message = new Uint8Array(1 + content.length);
    message[0] = KINDS[kind];
    message.set(content, 1);
    this.#fanout.publish(channel, message);
  }

  #tell(listener: ClusterBusListener, channel: string, message: Uint8Array): void {
    const [kind, content] = [message[0], message.subarray(1)];
    if (channel === NODES && kind === KINDS.beat) listener.beat(content);
    else if (!isDocumentKey(channel)) this.#ignored++;
    else if (kind === KINDS.entries) listener.entries(channel, this.#read(content));
    else if (kind === KINDS.people) listener.people(channel, content);
    else if (kind === KINDS.broadcast) listener.broadcast(channel, content);
    else this.#ignored++; // Of a later version.
  }
}
