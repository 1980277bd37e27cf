import { ClientConnection, encodeClientMessage, Frame } from "@motet/transport";
import { openSocket } from "@motet/transport/node";
import { expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { JsonClient } from "./support/json-client.js";
import { runServer } from "./support/run-server.js";
import type { ServerProcess } from "./support/server-process.js";

/** 10,000 by `pnpm --filter @motet/server reconnects`. */
const CLIENTS = Number(process.env["RECONNECTING"] ?? 300);

/** So that the short form has to queue as well. */
const RATE = CLIENTS >= 10_000 ? [] : ["--admissions-per-second=200", "--admissions-burst=50"];

async function start(args: readonly string[]): Promise<[ServerProcess, string]> {
  const server = runServer(args);
  return [server, new URL(await server.address()).port];
}

/** Clients that hold a line each and ask for the document when it stands; how many have it is told by `there`. */
class Crowd {
  there = 0;
  readonly #connections: ClientConnection[] = [];
  #whenAll: () => void = () => {};

  constructor(port: string) {
    for (let at = 0; at < CLIENTS; at++) this.#connections.push(this.#one(port, at));
  }

  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenAll = resolve;
      for (const connection of this.#connections) connection.start();
    });
  }

  /** Resolves once everybody is there again. */
  back(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenAll = resolve;
      if (this.there === CLIENTS) resolve();
    });
  }

  stop(): void {
    for (const connection of this.#connections) connection.stop();
  }

  #one(port: string, at: number): ClientConnection {
    const document = `page-${at % 100}`;
    let isThere = false;
    const said = { user_id: `user-${at}`, doc_id: document };
    const connection = new ClientConnection({
      open: (listener) => openSocket(`ws://127.0.0.1:${port}/documents/${document}`, { listener }),
      random: Math.random,
      heartbeat: () => Frame.text(encodeClientMessage({ type: "heartbeat", ...said })),
      listener: {
        opened: () => void connection.send(Frame.text(encodeClientMessage({ type: "join", ...said }))),
        text: () => {
          if (isThere) return;
          isThere = true;
          connection.settled();
          if (++this.there === CLIENTS) this.#whenAll();
        },
        binary: () => {},
        lost: () => {
          if (isThere) this.there--;
          isThere = false;
        },
        refused: (code, reason) => {
          throw new Error(`refused with ${code} ${reason}`);
        },
      },
    });
    return connection;
  }
}

it(`${CLIENTS} clients who are cut off at once are all let in again (I3)`, { timeout: 300_000 }, async () => {
  const folder = await newFolder();
  const [first, port] = await start(["--port=0", "--data", folder, ...RATE]);
  const crowd = new Crowd(port);
  await crowd.start();
  await first.kill();
  const [, again] = await start(["--port", port, "--data", folder, ...RATE]);
  const startedMs = performance.now();
  const editor = new Editor(await JsonClient.join(`http://127.0.0.1:${again}`, { user: "editor" }));
  await Promise.all([crowd.back(), editor.typeWhile(() => crowd.there < CLIENTS)]);
  if (CLIENTS >= 10_000) {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.log(
      `${CLIENTS} back after ${seconds} s; an edit meanwhile: p50 ${editor.ms(0.5)} ms, p99 ${editor.ms(0.99)} ms`,
    );
  }
  expect(crowd.there).toBe(CLIENTS);
  crowd.stop();
});

/** Somebody who is there already, and types. */
class Editor {
  readonly #client: JsonClient;
  readonly #waits: number[] = [];

  constructor(client: JsonClient) {
    this.#client = client;
  }

  async typeWhile(condition: () => boolean): Promise<void> {
    while (condition()) {
      const startedMs = performance.now();
      this.#client.insert(0, "x");
      await this.#client.settle();
      this.#waits.push(performance.now() - startedMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** How long an edit waited for its acknowledgement, in milliseconds, at that share of them. */
  ms(share: number): number {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return Math.round(sorted[Math.floor(share * sorted.length)] ?? 0);
  }
}
