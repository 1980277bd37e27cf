import type { DocumentId } from "@motet/document";
import type { Frame, Socket, SocketListener } from "@motet/transport";
import { MemorySocket } from "@motet/transport/testing";
import type { Machine } from "./machine.js";
import type { Timeline } from "./timeline.js";

/** Somebody who takes connections. */
export interface Host {
  readonly machine: Machine;
  /** Whether the load balancer sends anybody here. */
  readonly takesConnections: boolean;
  /** Takes a line, whose other end is a client's; the answer is what it is to have for a listener. */
  serve(socket: Socket, document: DocumentId): SocketListener;
}

/** Which way nothing comes through to or from a machine, though no line is down. */
export type Silence = "in" | "out" | "both";

/** How long things are on their way, in milliseconds. */
const [QUICK_MS, SLOW_MS] = [1, 40];

/** Lines between clients and servers, and a load balancer that sends each to any server that lives. */
export class Network {
  readonly #timeline: Timeline;
  readonly #machine: Machine;
  readonly #lines = new Set<Line>();
  /** Who hears nothing, and from whom nothing is heard. */
  readonly #silent: Readonly<Record<"in" | "out", Set<Machine>>> = { in: new Set(), out: new Set() };
  #hosts: readonly Host[] = [];

  /** @param machine The balancer's, for its random numbers. */
  constructor(timeline: Timeline, machine: Machine) {
    this.#timeline = timeline;
    this.#machine = machine;
  }

  /** Lines that stand. */
  get size(): number {
    return this.#lines.size;
  }

  /** Who there is to be balanced between. */
  balance(hosts: readonly Host[]): void {
    this.#hosts = hosts;
  }

  /** One attempt of a client to reach a document: resolves with its end of a new line, or rejects. */
  open(client: Machine, document: DocumentId, listener: SocketListener): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const line = this.#lineOf(client);
      const refuse = (cause: Error) => {
        if (line.isAwaited) client.turn(this.delayMs(), () => reject(cause));
      };
      this.#timeline.plan(this.delayMs(), () => {
        if (this.isSilent(client, "out") || !line.isAwaited) return; // Whoever waits gives up by themselves.
        const hosts = this.#hosts.filter(({ takesConnections }) => takesConnections);
        if (hosts.length === 0) return refuse(new Error("nobody is there"));
        const host = this.#machine.rng.pick(hosts);
        host.machine.turn(this.delayMs(), () => {
          if (!host.takesConnections) return refuse(new Error("503"));
          line.join(host, document, listener, resolve);
        });
      });
    });
  }

  /** Nothing comes through to or from `machine`, in one or both directions, until {@link speak}. */
  silence(machine: Machine, which: Silence): void {
    for (const direction of ["in", "out"] as const) {
      if (which === "both" || which === direction) this.#silent[direction].add(machine);
    }
  }

  /** What was on its way comes now, of one machine or of all. */
  speak(machine?: Machine): void {
    for (const silent of [this.#silent.in, this.#silent.out]) {
      if (machine === undefined) silent.clear();
      else silent.delete(machine);
    }
    for (const line of this.#lines) line.release();
  }

  isSilent(machine: Machine, direction: "in" | "out"): boolean {
    return this.#silent[direction].has(machine);
  }

  /** Cuts the lines of a machine: what was on its way is lost. */
  cut(machine: Machine): void {
    for (const line of [...this.#lines]) if (line.client === machine) line.cut();
  }

  /** A client reads nothing, or reads on. */
  read(machine: Machine, does: "pause" | "resume"): void {
    for (const line of this.#lines) if (line.client === machine) line.near[does]();
  }

  delayMs(): number {
    return QUICK_MS + this.#machine.rng.int(SLOW_MS);
  }

  #lineOf(client: Machine): Line {
    return new Line(client, {
      network: this,
      timeline: this.#timeline,
      stands: (line) => void this.#lines.add(line),
      over: (line) => void this.#lines.delete(line),
    });
  }
}

interface LineOptions {
  readonly network: Network;
  readonly timeline: Timeline;
  readonly stands: (line: Line) => void;
  readonly over: (line: Line) => void;
}

/** From a client to a server. What goes one way arrives in order. */
class Line {
  readonly client: Machine;
  readonly near: MemorySocket;
  readonly #far: MemorySocket;
  readonly #options: LineOptions;
  readonly #dueMs = new Map<MemorySocket, number>();
  readonly #clientLives: () => boolean;
  #serverLives: () => boolean = () => false;
  #server: Machine | undefined;
  #held: [MemorySocket, () => void][] = [];
  #isAwaited = true;
  /** What tells each end that the line is down. */
  readonly #closed = new Map<MemorySocket, SocketListener["closed"]>();
  /** Ends that know of it, or whose program has ended. */
  readonly #over = new Set<MemorySocket>();
  /** What was sent before the last cut does not arrive. */
  #cuts = 0;

  constructor(client: Machine, options: LineOptions) {
    this.client = client;
    this.#options = options;
    [this.near, this.#far] = MemorySocket.pair((to, arrive) => this.#carry(to, arrive));
    this.#clientLives = client.life();
    client.onEnd(() => this.#endedAt(this.near));
  }

  /** Whether the client's program is still there. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  join(host: Host, document: DocumentId, listener: SocketListener, resolve: (near: Socket) => void): void {
    if (!this.#isAwaited) return;
    const { machine } = host;
    this.#server = machine;
    this.#serverLives = machine.life();
    machine.onEnd(() => this.#endedAt(this.#far));
    this.#options.stands(this);
    const served = host.serve(this.#far, document);
    this.#far.listen(this.#noted(served, this.#far, `${machine.name} < ${this.client.name}`));
    this.#carry(this.near, () => {
      this.near.listen(this.#noted(listener, this.near, `${this.client.name} < ${machine.name}`));
      resolve(this.near);
    });
  }

  cut(): void {
    this.#cuts++;
    this.#held = [];
    this.near.terminate();
    for (const end of [this.near, this.#far]) this.#hangUp(end); // Also where what was lost is that it was closed.
  }

  /** What was held back goes on its way, if the silence is over. */
  release(): void {
    for (const [to, arrive] of this.#held.splice(0)) this.#carry(to, arrive);
  }

  #endedAt(end: MemorySocket): void {
    this.#isAwaited = false;
    const other = end === this.near ? this.#far : this.near;
    if (end.isOpen) end.terminate();
    else this.#carry(other, () => this.#hangUp(other)); // Behind the close frame that is on its way.
    this.#isOverAt(end);
  }

  #hangUp(end: MemorySocket): void {
    this.#carry(end, () => this.#closed.get(end)?.(1006, ""));
  }

  /** The line is no more when it is over at the other end, too. */
  #isOverAt(end: MemorySocket): void {
    this.#over.add(end);
    if (this.#over.size === 2) this.#options.over(this);
  }

  #carry(to: MemorySocket, arrive: () => void): void {
    const { network, timeline } = this.#options;
    const [from, at] = to === this.near ? [this.#server, this.client] : [this.client, this.#server];
    if (from === undefined || at === undefined) return;
    if (network.isSilent(from, "out") || network.isSilent(at, "in")) {
      this.#held.push([to, arrive]);
      return;
    }
    const lives = to === this.near ? this.#clientLives : this.#serverLives;
    if (!lives()) return;
    const dueMs = Math.max(this.#dueMs.get(to) ?? 0, timeline.nowMs + network.delayMs());
    this.#dueMs.set(to, dueMs);
    const cuts = this.#cuts;
    at.turn(dueMs - timeline.nowMs, () => {
      if (cuts === this.#cuts) arrive();
    });
  }

  /** A listener at one end of whom the log tells, who hears once that the line is down, and nothing more once their program has ended. */
  #noted(listener: SocketListener, end: MemorySocket, who: string): SocketListener {
    const { timeline } = this.#options;
    const lives = end === this.near ? this.#clientLives : this.#serverLives;
    let isDown = false;
    const closed = (code: number, reason: string) => {
      if (isDown || !lives()) return;
      isDown = true;
      timeline.note(`${who} closed with ${code} ${reason}`);
      this.#isOverAt(end);
      listener.closed(code, reason);
    };
    this.#closed.set(end, closed);
    return {
      text: (text) => {
        if (!lives()) return;
        timeline.note(`${who} ${text.slice(0, 160)}`, text);
        listener.text(text);
      },
      binary: (bytes) => {
        if (!lives()) return;
        timeline.note(`${who} ${bytes.length} bytes`, bytes);
        listener.binary(bytes);
      },
      heard: () => listener.heard(),
      closed,
      failed: (error) => {
        timeline.uncaught.push(`${who}: ${String((error as Error).stack)}`);
        listener.failed(error);
      },
    };
  }
}

/** A socket of which something is done otherwise. */
export function altered(socket: Socket, send: (frame: Frame, socket: Socket) => void): Socket {
  return {
    send: (frame) => send(frame, socket),
    ping: () => socket.ping(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    pause: () => socket.pause?.(),
    resume: () => socket.resume?.(),
    whenDrained: (run) => socket.whenDrained?.(run),
    get bufferedBytes() {
      return socket.bufferedBytes;
    },
    get isOpen() {
      return socket.isOpen;
    },
  };
}
