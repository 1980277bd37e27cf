import {
  type Announcement,
  type DocumentKey,
  type DocumentManager,
  decodeAnnouncement,
  encodeAnnouncement,
  type OtherNodes,
} from "../../src/index.js";

interface Told {
  readonly from: GossipNode;
  readonly id: DocumentKey;
  readonly bytes: Uint8Array;
}

/** A bus between managers whose messages wait until the test delivers them, loses them, or delivers them twice. */
export class Gossip {
  readonly nodes: GossipNode[] = [];
  /** What was said and not delivered, in order. */
  waiting: Told[] = [];

  /** One more node; `of` is its manager, once it is made. */
  node(): GossipNode {
    const node = new GossipNode(this);
    this.nodes.push(node);
    return node;
  }

  /** Delivers what waits, in order. */
  deliver(): void {
    for (const told of this.waiting.splice(0)) this.tell(told);
  }

  /** Delivers one message to everybody else who listens. */
  tell({ from, id, bytes }: Told): void {
    for (const node of this.nodes) {
      if (node !== from && node.areHeard && node.listensTo(id)) node.of?.heard(id, decodeAnnouncement(bytes));
    }
  }
}

export class GossipNode implements OtherNodes {
  areHeard = true;
  of: DocumentManager | undefined;
  readonly #gossip: Gossip;
  readonly #documents = new Set<DocumentKey>();

  constructor(gossip: Gossip) {
    this.#gossip = gossip;
  }

  listensTo(id: DocumentKey): boolean {
    return this.#documents.has(id);
  }

  async subscribe(id: DocumentKey): Promise<void> {
    this.#documents.add(id);
  }

  unsubscribe(id: DocumentKey): void {
    this.#documents.delete(id);
  }

  announce(id: DocumentKey, announcement: Announcement): void {
    if (this.areHeard) this.#gossip.waiting.push({ from: this, id, bytes: encodeAnnouncement(announcement) });
  }
}
