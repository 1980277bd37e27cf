import type { Operation } from "@motet/document";
import type { ServerMessage, StateMessage } from "@motet/transport";
import { WebSocket } from "ws";

/** Messages that a typist sends ahead of their acknowledgements. */
const AHEAD_MAX = 8;

/**
 * Somebody who types tokens with rising numbers, `<ann:1>`, `<ann:2>` and so on, always at the front of the text, does not wait for
 * acknowledgements, and after each loss of the line sends again what was not acknowledged, each under its old message number.
 */
export class Typist {
  readonly user: string;
  readonly document: string;
  /** The highest number sent, and the highest acknowledged. Messages are acknowledged in order. */
  sent = 0;
  acked = 0;
  /** Acknowledgements that said: I had that already. */
  duplicates = 0;
  /** What an acknowledgement out of order said, or an error: there should be none. */
  readonly complaints: unknown[] = [];
  #socket: WebSocket | undefined;
  #version = 0;
  #resent = 0;
  #wish = 0;
  #onAck: () => void = () => {};

  constructor(user: string, document: string) {
    this.user = user;
    this.document = document;
  }

  /** Joins and resolves with the document as it begins. */
  async join(server: string): Promise<StateMessage> {
    const socket = new WebSocket(`${server.replace(/^http/, "ws")}/documents/${this.document}`);
    this.#socket = socket;
    socket.on("error", () => {}); // The server is killed all the time; the close that follows tells the story.
    return new Promise((resolve, reject) => {
      socket.on("close", (code) => reject(new Error(`${this.user}'s line closed with ${code}`)));
      socket.on("open", () => this.#say({ type: "join", client_id: `${this.user}-laptop` }));
      socket.on("message", (data) => {
        const message = JSON.parse(String(data)) as ServerMessage<Operation>;
        if (message.type === "state") resolve(this.#begin(message));
        else this.#hear(message);
      });
    });
  }

  /** Types `count` more tokens as acknowledgements allow, what was not acknowledged first. `onAck` hears of each acknowledgement. */
  type(count: number, onAck: () => void): void {
    this.#wish = this.sent + count;
    this.#onAck = onAck;
    this.#send();
  }

  /** Hangs up, whatever was acknowledged. */
  hangUp(): void {
    this.#socket?.terminate();
  }

  /** Resolves once the line is down. */
  async lost(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => socket.once("close", resolve));
  }

  /** Numbers of this typist's tokens in `text`, in ascending order. */
  numbersIn(text: string): number[] {
    const own = [...text.matchAll(/<(\w+):(\d+)>/g)].filter(([, user]) => user === this.user);
    return own.map(([, , number]) => Number(number)).sort((left, right) => left - right);
  }

  #begin(state: StateMessage): StateMessage {
    this.#version = state.version;
    this.#resent = this.acked;
    return state;
  }

  #hear(message: ServerMessage<Operation>): void {
    if (message.type === "error") this.complaints.push(message);
    if (message.type === "changes") this.#version = message.version;
    if (message.type !== "ack") return;
    if (message.duplicate) this.duplicates++;
    else this.#version = message.version;
    if (message.id !== this.acked + 1) this.complaints.push({ acked: this.acked, message });
    this.acked = message.id ?? this.acked;
    this.#onAck();
    this.#send();
  }

  #send(): void {
    while (this.#resent < this.sent) this.#sendToken(++this.#resent);
    while (this.sent < this.#wish && this.sent - this.acked < AHEAD_MAX) {
      this.#resent = ++this.sent;
      this.#sendToken(this.sent);
    }
  }

  #sendToken(id: number): void {
    this.#say({ type: "insert", id, version: this.#version, position: 0, text: `<${this.user}:${id}>` });
  }

  #say(message: object): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return; // After the next join it is sent again.
    this.#socket.send(JSON.stringify({ user_id: this.user, doc_id: this.document, ...message }));
  }
}
