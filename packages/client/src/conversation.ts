import type { VersionVector } from "@motet/crdt-core";
import {
  type BroadcastRelay,
  ClientConnection,
  type ClientConnectionOptions,
  type ControlMessage,
  closeCode,
  decodeReplicaServerFrame,
  type ErrorMessage,
  encodeClientMessage,
  encodeUpdateFrame,
  encodeVectorFrame,
  Frame,
  type JoinMessage,
  type ReplicaChangesFrame,
  type ReplicaMessage,
  ReplicaMessageCodec,
  type ReplicaServerFrame,
  type ReplicaStateFrame,
  type Rights,
  type SessionMessage,
} from "@motet/transport";
import { ClientError } from "./errors.js";
import type { PeopleMessage } from "./people.js";

/** What a client says first on each new line. */
export interface Greeting {
  readonly join: JoinMessage;
  readonly version: VersionVector;
}

/** What the server has said, checked and in order. A method that throws ends the line: the server makes no sense. */
export interface ConversationListener {
  /** A line stands: what is to be said first? */
  greeting(): Greeting;
  /** The server has let us in. Always before `joined`. */
  session(message: SessionMessage): void;
  /** The server's state. From here on until `lost`, updates may be sent. */
  joined(frame: ReplicaStateFrame): void;
  changes(frame: ReplicaChangesFrame): void;
  people(message: PeopleMessage): void;
  broadcast(message: BroadcastRelay): void;
  /** The token runs out: the server wants another. */
  refresh(): void;
  rights(rights: Rights): void;
  heartbeat(serverTimeMs: number): void;
  error(message: ErrorMessage): void;
  /** Something is wrong with the line or with what came over it; what follows from that is told apart. */
  problem(error: ClientError): void;
  /** There is no line any more, or none was to be had. */
  lost(): void;
  refused(error: ClientError): void;
}

/** What a conversation is made of. */
export interface ConversationOptions extends Omit<ClientConnectionOptions, "listener" | "heartbeat"> {
  readonly listener: ConversationListener;
  /** Sent to hear whether the server lives. */
  readonly heartbeat: () => ControlMessage;
}

/** How far a line has come: said who we are, been let in, been told the document. */
type Phase = "closed" | "greeted" | "admitted" | "joined";

/**
 * A replica's side of PROTOCOL.md over a line that is kept alive. Whatever a server sends is decoded within bounds; one
 * that breaks the protocol loses its line and is asked again later.
 */
export class Conversation {
  readonly #listener: ConversationListener;
  readonly #connection: ClientConnection;
  readonly #codec = new ReplicaMessageCodec();
  #phase: Phase = "closed";

  constructor({ listener, heartbeat, ...options }: ConversationOptions) {
    this.#listener = listener;
    this.#connection = new ClientConnection({
      ...options,
      heartbeat: () => Frame.text(encodeClientMessage(heartbeat())),
      listener: {
        opened: () => this.#greet(),
        text: (text) => this.#guard(() => this.#hear(this.#codec.parse(text))),
        binary: (bytes) => this.#guard(() => this.#read(decodeReplicaServerFrame(bytes))),
        lost: (code, reason, cause) => this.#lost(code, reason, cause),
        refused: (code, reason) => this.#refused(code, reason),
      },
    });
  }

  /** Whether updates may be sent. */
  get isJoined(): boolean {
    return this.#phase === "joined";
  }

  /** Connects, also after a refusal; at once when it waits to. */
  start(): void {
    this.#connection.start();
  }

  /** Ends it. */
  stop(): void {
    this.#phase = "closed";
    this.#connection.stop(closeCode.normal, "done");
  }

  /** Ends the present line and begins another. */
  restart(reason: string): void {
    this.#connection.drop(closeCode.goingAway, reason);
  }

  /** Says something; `false` when there is nobody who would hear it. */
  say(message: ControlMessage): boolean {
    return this.isJoined && this.#connection.send(Frame.text(encodeClientMessage(message)));
  }

  /** Sends operations. */
  sendUpdate(update: Uint8Array): void {
    this.#connection.send(Frame.binary(encodeUpdateFrame(update)));
  }

  #greet(): void {
    const { join, version } = this.#listener.greeting();
    this.#phase = "greeted";
    this.#connection.send(Frame.text(encodeClientMessage(join)));
    this.#connection.send(Frame.binary(encodeVectorFrame(version)));
  }

  #hear(message: ReplicaMessage): void {
    switch (message.type) {
      case "session":
        this.#admitted(message);
        break;
      case "error":
        this.#listener.error(message);
        break;
      case "user_joined":
      case "user_left":
      case "presence_update":
        this.#listener.people(message);
        break;
      case "broadcast":
        this.#listener.broadcast(message);
        break;
      case "refresh":
        this.#listener.refresh();
        break;
      case "rights":
        this.#mustBe("joined");
        this.#listener.rights(message.rights);
        break;
      case "heartbeat":
        this.#listener.heartbeat(message.server_time_ms);
        break;
      default:
        unreachable(message);
    }
  }

  #admitted(message: SessionMessage): void {
    this.#mustBe("greeted");
    this.#phase = "admitted";
    this.#connection.settled();
    this.#listener.session(message);
  }

  #read(frame: ReplicaServerFrame): void {
    if (frame.kind === "changes") {
      this.#mustBe("joined");
      this.#listener.changes(frame);
    } else {
      this.#mustBe("admitted");
      this.#phase = "joined";
      this.#listener.joined(frame);
    }
  }

  #mustBe(phase: Phase): void {
    if (this.#phase !== phase) throw new ClientError("BAD_SERVER", "the server spoke out of turn");
  }

  /** Nothing that a server sends throws into the page. */
  #guard(read: () => void): void {
    try {
      read();
    } catch (cause) {
      this.#phase = "closed";
      const error = new ClientError("BAD_SERVER", "the server sent what makes no sense", { cause });
      this.#listener.problem(error);
      this.#connection.drop(closeCode.protocol, "what you sent makes no sense");
    }
  }

  #lost(code: number, reason: string, cause: unknown): void {
    this.#phase = "closed";
    this.#listener.lost();
    const isOurs = cause instanceof ClientError; // Nobody was asked: there was no token to show.
    const error = new ClientError("UNREACHABLE", `no line (${code}): ${reason}`, { cause });
    this.#listener.problem(isOurs ? cause : error);
  }

  #refused(code: number, reason: string): void {
    this.#phase = "closed";
    this.#listener.refused(
      new ClientError("REFUSED", `the server refused (${code}): ${reason}`, { closeCode: code }),
    );
  }
}

function unreachable(value: never): never {
  throw new ClientError("BAD_SERVER", `an unknown message: ${String(value)}`);
}
