/** Sends once what was typed in one turn, as the clients of both products do. */
export class TurnEnd {
  readonly #send: () => void;
  #isAwaited = false;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** Calls `send` when the running code is through, once however often it is asked for. */
  await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    queueMicrotask(() => {
      this.#isAwaited = false;
      this.#send();
    });
  }
}
