import { WebSocket } from "ws";

/** A client's line to a document on a server, and a way to wait for what comes over it. */
export class TestLine {
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param server Such as `http://127.0.0.1:8080`. */
  constructor(server: string, document: string) {
    this.socket = new WebSocket(`${server.replace(/^http/, "ws")}/documents/${document}`);
    this.socket.on("open", () => this.wake());
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
    this.socket.on("error", () => {}); // The close that follows tells the story.
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Resolves once `condition` holds, which is asked after each message; rejects when the connection ends first. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const done = condition();
        if (!done && this.closed === undefined) return;
        this.#waiting.delete(check);
        if (done) resolve();
        else reject(new Error(`closed with ${this.closed?.code} ${this.closed?.reason}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves once the connection has ended, with its close code. */
  async ended(): Promise<number> {
    await this.until(() => this.closed !== undefined).catch(() => {});
    return this.closed?.code ?? 0;
  }

  /** Says goodbye. */
  async leave(): Promise<void> {
    this.socket.close(1000);
    await this.ended();
  }

  /** Reads nothing any more, not even pings, though the line stands. */
  freeze(): void {
    this.socket.pause();
  }

  /** Reads on. */
  thaw(): void {
    this.socket.resume();
  }

  /** Something has come: whoever waits looks. */
  protected wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}
