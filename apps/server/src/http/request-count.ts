import { ServerError } from "../errors.js";

/** Bounds how many requests wait for their documents at once: a store that does not answer must not gather them without end. */
export class RequestCount {
  readonly #max: number;
  #underWay = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {ServerError} `TOO_BUSY` when so many are under way already; `work` is not begun then. */
  async during(work: () => Promise<void>): Promise<void> {
    if (this.#underWay >= this.#max) throw new ServerError("TOO_BUSY", "too many requests are under way");
    this.#underWay++;
    try {
      await work();
    } finally {
      this.#underWay--;
    }
  }
}
