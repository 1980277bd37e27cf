import { ServerError } from "../errors.js";

/**
 * Bounds how many requests are under way at once: a store that does not answer must not gather them without end. One user has half of
 * them at most, so that nobody keeps others out with requests that never come to their end.
 */
export class RequestCount {
  readonly #max: number;
  readonly #ofUsers = new Map<string, number>();
  #underWay = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {ServerError} `TOO_BUSY` when so many are under way already; `work` is not begun then. */
  async during(work: () => Promise<void>): Promise<void> {
    if (this.#underWay >= this.#max) throw tooMany();
    this.#underWay++;
    try {
      await work();
    } finally {
      this.#underWay--;
    }
  }

  /** As {@link during}, once it is known whose the request is. */
  async ofUser(user: string, work: () => Promise<void>): Promise<void> {
    const before = this.#ofUsers.get(user) ?? 0;
    if (before >= Math.ceil(this.#max / 2)) throw tooMany();
    this.#ofUsers.set(user, before + 1);
    try {
      await work();
    } finally {
      this.#leave(user);
    }
  }

  #leave(user: string): void {
    const left = (this.#ofUsers.get(user) ?? 0) - 1;
    if (left > 0) this.#ofUsers.set(user, left);
    else this.#ofUsers.delete(user);
  }
}

function tooMany(): ServerError {
  return new ServerError("TOO_BUSY", "too many requests are under way");
}
