import { encodeWhole, type ReplicaId, replicaId, Update, VersionVector } from "@motet/crdt-core";
import { Document, documentId, type Operation } from "@motet/document";
import {
  type ClientMessage,
  type ControlMessage,
  closeCode,
  decodeReplicaClientFrame,
  encodeChangesFrame,
  encodeServerMessage,
  encodeStateFrame,
  encodeWholeFrame,
  Frame,
  type JoinMessage,
  MessageCodec,
  type Rights,
  type ServerMessage,
  type Socket,
  type SocketListener,
  type UserChange,
} from "@motet/transport";

const codec = new MessageCodec<never>({ operations: {} });

/** One client's line, as the server has it. */
interface Member {
  readonly socket: Socket;
  join?: JoinMessage;
  /** Whether it has been told the state. */
  isReader: boolean;
  /** Which replicas it has sent operations of. */
  readonly own: Set<ReplicaId>;
}

/** A disk, copied: the document, and to whom its replicas are bound. */
export interface Backup {
  readonly update: Uint8Array;
  readonly owners: readonly (readonly [ReplicaId, string])[];
}

/**
 * A small server that speaks the replica's half of PROTOCOL.md over a real document. Everything is durable at once,
 * unless the test holds the disk.
 */
export class ReplicaServer {
  document = emptyDocument();
  readonly #members = new Set<Member>();
  #owners = new Map<ReplicaId, string>();
  #held: Uint8Array[] | undefined;
  /** What each update frame held, in the order in which they came. */
  readonly frames: Uint8Array[] = [];
  readonly joins: JoinMessage[] = [];
  readonly heard: ClientMessage[] = [];
  rights: Rights = "write";
  nowMs: () => number = () => 1_700_000_000_000;
  /** Turns an update down; `undefined` takes it. */
  judge: (update: Update, user: string) => { code: string; replica?: string; seq?: number } | undefined =
    () => undefined;
  /** Turns a join down with a close code; `undefined` lets it in. */
  guard: (join: JoinMessage) => number | undefined = () => undefined;

  get members(): number {
    return [...this.#members].filter(({ isReader }) => isReader).length;
  }

  /** The disk stops: nothing is acknowledged or told. */
  hold(): void {
    this.#held ??= [];
  }

  /** The disk works again. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const update of held) this.#publish(update);
  }

  /** What is on the disk now. */
  backup(): Backup {
    return { update: this.document.encode(), owners: [...this.#owners] };
  }

  /** The disk is replaced by an older one, an empty one without `backup`, and everybody loses their line. */
  restore(backup: Backup = emptyBackup()): void {
    this.document = emptyDocument();
    this.document.receive(backup.update);
    this.#owners = new Map(backup.owners);
    this.cutAll();
  }

  /** Everybody loses their line. */
  cutAll(): void {
    for (const { socket } of [...this.#members]) socket.terminate();
  }

  /** Everybody is told to go, as when a server restarts. */
  closeAll(code: number, reason = ""): void {
    for (const { socket } of [...this.#members]) socket.close(code, reason);
  }

  /** Sends something of the test's own to every reader. */
  say(frame: Frame): void {
    for (const { socket } of this.#members) socket.send(frame);
  }

  /** Somebody with another kind of client edits. */
  edit(operation: Operation): void {
    this.document.apply(operation, this.nowMs());
    const update = this.document.takeUpdate();
    if (update !== undefined) this.say(Frame.binary(encodeChangesFrame(new VersionVector(), update)));
  }

  accept(socket: Socket): SocketListener {
    const member: Member = { socket, isReader: false, own: new Set() };
    this.#members.add(member);
    return {
      text: (text) => this.#text(member, text),
      binary: (bytes) => this.#binary(member, bytes),
      heard: () => {},
      closed: () => this.#leave(member),
      failed: (error) => {
        throw error;
      },
    };
  }

  #text(member: Member, text: string): void {
    if (member.join === undefined) {
      this.#join(member, codec.parseFirstMessage(text));
      return;
    }
    const message = codec.parseClientMessage(text);
    this.heard.push(message);
    const { user_id, doc_id, name = user_id } = member.join;
    const server_time_ms = this.nowMs();
    if (message.type === "heartbeat")
      this.#tell(member, { type: "heartbeat", user_id, doc_id, server_time_ms });
    const change = this.#changeOf(message as ControlMessage);
    if (change !== undefined) {
      const users = [{ user_id, ...change }];
      for (const other of this.#members) {
        if (other.join !== undefined) this.#tell(other, { type: "presence_update", user_id, doc_id, users });
      }
    }
    if (message.type === "broadcast") {
      this.#tellOthers(member, { type: "broadcast", user_id, doc_id, name, payload: message.payload });
    }
  }

  /** What a message says of its sender; the cursor in anchors, as replicas are told. */
  #changeOf(message: ControlMessage): Omit<UserChange, "user_id"> | undefined {
    switch (message.type) {
      case "presence_update": {
        const { status, state } = message;
        return { ...(status && { status }), ...(state && { state }) };
      }
      case "cursor_move":
        return { selection: { head: this.document.anchorAt(this.document.offsetAt(message), "left") } };
      case "selection": {
        const { head, from } = message;
        return { selection: head ? { head, ...(from && { from }) } : null };
      }
      default:
        return undefined;
    }
  }

  #join(member: Member, join: JoinMessage): void {
    this.joins.push(join);
    const code = this.guard(join);
    if (code !== undefined) {
      member.socket.close(code, "not you");
      return;
    }
    if (!this.#admit(member, join)) return;
    member.join = join;
    const { user_id, doc_id, name = user_id, client_id = "none" } = join;
    const people = [...this.#members].flatMap((it) => it.join ?? []);
    const users = people.map((it) => person(it));
    const session = {
      client_id,
      name,
      colour: "#286edc",
      rights: this.rights,
      last_id: 0,
      server_time_ms: this.nowMs(),
    };
    this.#tell(member, { type: "session", user_id, doc_id, protocol: 1, session, users });
    this.#tellOthers(member, { type: "user_joined", user_id, doc_id, name, colour: "#286edc" });
  }

  /** A live instance is replaced by itself and defended against others. */
  #admit(member: Member, { replica, user_id, doc_id }: JoinMessage): boolean {
    const live = [...this.#members].find((it) => it !== member && it.join?.replica?.id === replica?.id);
    const owner = this.#owners.get(replica?.id as ReplicaId) ?? user_id;
    if (live === undefined && owner === user_id) return true;
    if (live !== undefined && live.join?.replica?.secret === replica?.secret) {
      live.socket.close(closeCode.replaced, "connected again");
      this.#leave(live);
      return true;
    }
    const message = "a live replica has this id";
    this.#tell(member, {
      type: "error",
      user_id,
      doc_id,
      code: "REPLICA_TAKEN",
      message,
      in_reply_to: "join",
    });
    return false;
  }

  #binary(member: Member, bytes: Uint8Array): void {
    const frame = decodeReplicaClientFrame(bytes);
    if (member.join === undefined) return;
    if (frame.kind === "vector") {
      member.isReader = true;
      member.socket.send(Frame.binary(this.#stateFor(frame.vector)));
    } else this.#update(member, member.join, frame.update.slice());
  }

  /** What a client lacks; for one that has nothing of what is here the whole, without the characters of deleted text. */
  #stateFor(vector: VersionVector): Uint8Array {
    const { version, content } = this.document;
    if (version.total > 0 && [...version].every(([replica]) => vector.get(replica) === 0))
      return encodeWholeFrame(encodeWhole(content, { withoutDeleted: true }));
    return encodeStateFrame(version, vector.covers(version) ? undefined : this.document.encode(vector));
  }

  #update(member: Member, { user_id, doc_id }: JoinMessage, update: Uint8Array): void {
    this.frames.push(update);
    const decoded = Update.decode(update);
    const { version } = this.document;
    const fresh = decoded.ranges.filter(({ replica, to }) => to > version.get(replica));
    const taken = fresh.find(({ replica }) => (this.#owners.get(replica) ?? user_id) !== user_id);
    const refusal = taken
      ? { code: "REPLICA_TAKEN", replica: taken.replica, seq: version.get(taken.replica) + 1 }
      : this.judge(decoded, user_id);
    if (refusal !== undefined) {
      this.#tell(member, {
        type: "error",
        user_id,
        doc_id,
        message: "no",
        in_reply_to: "update",
        ...refusal,
      });
      return;
    }
    for (const { replica } of fresh) this.#owners.set(replica, user_id);
    for (const { replica } of decoded.ranges) member.own.add(replica);
    this.document.receive(decoded, this.nowMs());
    const gained = this.document.encode(version); // Not what waits for others, but what had waited for this.
    if (this.#held === undefined) this.#publish(gained);
    else this.#held.push(gained);
  }

  #publish(update: Uint8Array): void {
    const { version } = this.document;
    for (const member of this.#members) {
      if (!member.isReader) continue;
      // Operations of a member may have waited for these.
      const own = [...member.own].map((replica) => [replica, version.get(replica)] as const);
      const vector = new VersionVector(own.filter(([, seq]) => seq > 0));
      member.socket.send(Frame.binary(encodeChangesFrame(vector, update))); // What is their own changes nothing.
    }
  }

  #leave(member: Member): void {
    if (!this.#members.delete(member) || member.join === undefined) return;
    const { user_id, doc_id, name = user_id } = member.join;
    this.#tellOthers(member, { type: "user_left", user_id, doc_id, name, colour: "#286edc" });
  }

  #tell({ socket }: Member, message: ServerMessage): void {
    socket.send(Frame.text(encodeServerMessage(message)));
  }

  #tellOthers(member: Member, message: ServerMessage): void {
    for (const other of this.#members)
      if (other !== member && other.join !== undefined) this.#tell(other, message);
  }
}

function person({ user_id, name = user_id }: JoinMessage) {
  return { user_id, name, colour: "#286edc", idle: false };
}

function emptyBackup(): Backup {
  return { update: emptyDocument().encode(), owners: [] };
}

function emptyDocument(): Document {
  return new Document({ id: documentId("minutes"), replica: replicaId("server"), fillsIn: false });
}
