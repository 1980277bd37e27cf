import { WebSocket } from "ws";
import type { Dialect, Speaker } from "../dialects/dialect.js";
import { eachMark, markOf } from "../mark.js";

/** Where a crowd goes. */
export interface Place {
  readonly dialect: Dialect;
  /** Such as `ws://127.0.0.1:8080`. */
  readonly address: string;
}

/** Somebody with an editor open: one connection to one document. */
export class Person {
  readonly index: number;
  readonly document: string;
  readonly socket: WebSocket;
  readonly speaker: Speaker;
  readonly joined: Promise<void>;
  /** How many edits were made here, and how many of them the server has acknowledged. */
  made = 0;
  acked = 0;
  /** Bytes received. */
  received = 0;
  /** When the last frame came, before it was looked at, in milliseconds of `performance.now`. */
  heardMs = 0;
  #hasJoined: () => void = () => {};
  #isJoined = false;
  /** When each edit was made, by its number, in milliseconds of `performance.now`. */
  readonly madeMs: number[] = [];

  constructor({ dialect, address }: Place, crowd: Crowd, index: number, document: string, keepsText = false) {
    this.index = index;
    this.document = document;
    this.socket = new WebSocket(address + dialect.path(document), { perMessageDeflate: false });
    this.speaker = dialect.speaker({
      document,
      index,
      keepsText,
      send: (frame) => this.socket.readyState === WebSocket.OPEN && this.socket.send(frame),
    });
    this.joined = new Promise((resolve, reject) => {
      this.#hasJoined = resolve;
      this.socket.once("error", reject);
      this.socket.once("close", (code) => reject(new Error(`closed with ${code}`)));
    });
    this.joined.catch(() => {}); // Told to whoever waits; a line that breaks later is nobody's promise.
    this.socket.on("open", () => this.speaker.open());
    this.socket.on("message", (frame: Buffer, isBinary: boolean) => this.#hear(frame, isBinary, crowd));
  }

  /** Makes the next edit. */
  edit(padding = ""): void {
    this.madeMs.push(performance.now());
    this.speaker.type(markOf(this.index, this.made++) + padding);
  }

  #hear(frame: Buffer, isBinary: boolean, crowd: Crowd): void {
    this.received += frame.length;
    this.heardMs = performance.now();
    const { joined, acked } = this.speaker.hear(frame, isBinary);
    if (joined) {
      this.#isJoined = true;
      this.#hasJoined();
      return;
    }
    if (!this.#isJoined) return;
    if (acked !== undefined) this.#ack(acked, crowd);
    crowd.see(this, frame);
  }

  #ack(count: number, crowd: Crowd): void {
    const nowMs = performance.now();
    for (let left = count; left > 0; left--) crowd.ackMs.push(nowMs - this.madeMs[this.acked++]!);
  }
}

/** Many people, and what they see of each other. */
export class Crowd {
  readonly people: Person[] = [];
  /** How long each edit took to reach each other person, and to be acknowledged to its writer, in milliseconds. */
  deliveryMs: number[] = [];
  ackMs: number[] = [];
  readonly #place: Place;
  /** Called with the writer of each edit that somebody else has seen. */
  onSeen: (writer: Person) => void = () => {};

  constructor(place: Place) {
    this.#place = place;
  }

  /** Opens connections, `perDocument` to each document in turn, some at a time; resolves when all have joined. */
  async join(documents: number, perDocument: number, prefix = "d"): Promise<void> {
    for (let document = 0; document < documents; document++) {
      for (let at = 0; at < perDocument; at++) this.add(`${prefix}${document}`);
      if (this.people.length % 50 < perDocument)
        await Promise.all(this.people.map((person) => person.joined));
    }
    await Promise.all(this.people.map((person) => person.joined));
  }

  add(document: string, keepsText = false): Person {
    const person = new Person(this.#place, this, this.people.length, document, keepsText);
    this.people.push(person);
    return person;
  }

  see(reader: Person, frame: Buffer): void {
    const nowMs = performance.now();
    eachMark(frame, (writer, number) => {
      const author = this.people[writer];
      const madeMs = author?.madeMs[number];
      if (author === undefined || madeMs === undefined || author === reader) return;
      this.deliveryMs.push(nowMs - madeMs);
      this.onSeen(author);
    });
  }

  /** Forgets what was measured so far. */
  startMeasuring(): void {
    this.deliveryMs = [];
    this.ackMs = [];
  }

  leave(): void {
    for (const { socket } of this.people) socket.terminate();
  }
}
