import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";
import { mustBeWellFormed } from "./kinds/well-formed.js";

/** The name that a caller gives a request, so that one made again is answered again but not carried out again. */
export interface RequestName {
  /** 1 to 128 UTF-16 units, never used by the user for another request to the document. */
  readonly key: string;
  /** What was asked, in short: the same key with another digest is a mistake. 1 to 64 UTF-16 units. */
  readonly digest: string;
}

/** A request that was carried out, with the number of the state that it led to. */
export interface AcceptedRequest extends RequestName {
  readonly user: UserId;
  readonly version: number;
}

/** Which requests were carried out: the last `max` of them. One that is made again after so many others is new. */
export class AcceptedRequests implements Iterable<AcceptedRequest> {
  readonly #accepted = new Map<string, AcceptedRequest>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * The request of that name, if it was carried out.
   * @throws {DocumentError} `KEY_REUSED` when that was another one; `MALFORMED` for what is no name.
   */
  find(user: UserId, { key, digest }: RequestName): AcceptedRequest | undefined {
    mustBeWellFormed("request's key", key, 1, 128);
    mustBeWellFormed("request's digest", digest, 1, 64);
    const known = this.#accepted.get(`${user}/${key}`);
    if (known === undefined || known.digest === digest) return known;
    throw new DocumentError("KEY_REUSED", "another request was made with this key");
  }

  /** Whether a request of that key was carried out for the user. */
  has(user: UserId, key: string): boolean {
    return this.#accepted.has(`${user}/${key}`);
  }

  /** Notes a request. */
  add(request: AcceptedRequest): void {
    this.#accepted.set(`${request.user}/${request.key}`, request); // A user id holds no slash.
    if (this.#accepted.size > this.#max) this.#accepted.delete(this.#accepted.keys().next().value!);
  }

  /** In the order in which they were carried out. */
  [Symbol.iterator](): IterableIterator<AcceptedRequest> {
    return this.#accepted.values();
  }
}
