import type { Random } from "@motet/testing";
import type { TextCRDT } from "../../src/index.js";
import { editAnywhere } from "./replicas.js";

/** Carries updates between replicas: late, in any order, some of them twice. Nothing is lost. */
export class Network {
  readonly texts: readonly TextCRDT[];
  /** Every update ever sent, in the order of sending, so causes stand before their effects. */
  readonly sent: Uint8Array[] = [];
  readonly #inTransit: Uint8Array[][];
  readonly #rng: Random;

  constructor(texts: readonly TextCRDT[], rng: Random) {
    this.texts = texts;
    this.#inTransit = texts.map(() => []);
    this.#rng = rng;
  }

  /** `steps` edits by anybody, with deliveries in between. */
  edit(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const author = this.#rng.int(this.texts.length);
      editAnywhere(this.texts[author], this.#rng);
      if (!this.#rng.once(3)) this.send(author); // Else the next update carries several edits.
      for (let count = this.#rng.int(4); count > 0; count--) this.deliverOne();
    }
  }

  /** What `author` has done since the last time goes on its way. */
  send(author: number): void {
    const update = this.texts[author].takeUpdate();
    if (update === undefined) return;
    this.sent.push(update);
    this.#inTransit.forEach((queue, to) => {
      if (to === author) return;
      queue.push(update);
      if (this.#rng.once(5)) queue.push(update);
    });
  }

  /** Some update arrives somewhere. */
  deliverOne(): void {
    const to = this.#rng.int(this.texts.length);
    this.#deliver(to);
  }

  /** Everything arrives everywhere. */
  deliverAll(): void {
    this.texts.forEach((_, author) => {
      this.send(author);
    });
    this.texts.forEach((_, to) => {
      while (this.#inTransit[to].length > 0) this.#deliver(to);
    });
  }

  #deliver(to: number): void {
    const queue = this.#inTransit[to];
    if (queue.length === 0) return;
    const [update] = queue.splice(this.#rng.int(queue.length), 1);
    const text = this.texts[to];
    const before = text.toString();
    const after = text.applyUpdate(update).applyTo(before);
    if (after !== text.toString())
      throw new Error(`the delta tells ${after}, the text is ${text.toString()}`);
  }
}
