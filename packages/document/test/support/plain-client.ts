import type { ChangeContext, Commit, OpenDocument, Operation, UserId } from "../../src/index.js";

/** What the server tells a plain client: one stream, its own acknowledgements and others' changes in order. */
interface News {
  readonly version: number;
  readonly operations: readonly Operation[];
  readonly own: boolean;
}

/**
 * An editor without a CRDT: it types on without waiting, names the version that it took in last, and takes in others'
 * changes only when nothing of its own is under way, in the order of the stream.
 */
export class PlainClient {
  readonly user: UserId;
  readonly name: string;
  text: string;
  #base: string;
  #version: number;
  #pending = 0;
  #messages = 0;
  #inbox: News[] = [];

  constructor(user: UserId, name: string, document: OpenDocument) {
    this.user = user;
    this.name = name;
    this.text = document.document.text;
    this.#base = this.text;
    this.#version = document.document.versionNumber;
  }

  /** Makes an edit of its own and hands out the message for the server. */
  edit(operation: Operation): { readonly operation: Operation; readonly context: ChangeContext } {
    this.text = applied(this.text, operation);
    this.#pending++;
    const view = { version: this.#version, client: this.name };
    const message = { client: this.name, id: ++this.#messages };
    return { operation, context: { user: this.user, nowMs: 1, view, message, origin: this } };
  }

  /** Gets the next piece of the stream. */
  hear(commit: Commit): void {
    const own = commit.origin === this;
    this.#inbox.push({ version: commit.version, operations: commit.change.operations(), own });
    if (own) this.#pending--;
    if (this.#pending === 0) this.#takeIn();
  }

  #takeIn(): void {
    for (const news of this.#inbox.splice(0)) {
      for (const operation of news.operations) this.#base = applied(this.#base, operation);
      this.#version = news.version;
    }
    this.text = this.#base;
  }
}

/** `text` after a plain operation. */
export function applied(text: string, operation: Operation): string {
  if (operation.type === "insert") {
    return text.slice(0, operation.position) + operation.text + text.slice(operation.position);
  }
  if (operation.type !== "delete") return text;
  return text.slice(0, operation.position) + text.slice(operation.position + operation.length);
}
