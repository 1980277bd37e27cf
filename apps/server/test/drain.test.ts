import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createConnection } from "node:net";
import { pathToFileURL } from "node:url";
import { connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { random, seedOr } from "@motet/testing";
import { retryHintMs } from "@motet/transport";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newFolder } from "./support/folder.js";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { runServer } from "./support/run-server.js";
import { TestServer } from "./support/test-server.js";

describe("a server that is told to stop (J1)", () => {
  it("lets nobody in, makes durable what it took, acknowledges it, and only then sends everybody away", async () => {
    const store = new HeldStore();
    const world = await TestServer.start({ store });
    const [ann, bob] = [
      await JsonClient.join(world.address, { user: "ann" }),
      await JsonClient.join(world.address, { user: "bob" }),
    ];
    store.hold("append");
    ann.insert(0, "last words");
    await ann.roundTrip();
    await world.until(() => store.waiting("append") > 0);
    const closed = world.server.close();
    expect(world.server.unsaved()).toMatchObject([{ document: "main/page" }]);

    expect((await fetch(`${world.address}/ready`)).status).toBe(503);
    expect((await fetch(`${world.address}/health`)).status).toBe(200);
    expect((await fetch(`${world.address}/api/v1/documents/page`)).headers.get("retry-after")).toBe("1");
    expect(await knock(world.address)).toEqual([503, "3"]);
    ann.insert(0, "too late: ");
    expect([ann.acked.size, ann.closed, bob.closed]).toEqual([0, undefined, undefined]);

    store.release("append");
    await Promise.all([ann.ended(), bob.ended(), closed]);
    expect([...ann.acked.keys()]).toEqual([1]);
    bob.takeIn();
    expect(bob.text).toBe("last words");
    expect([ann.closed?.code, bob.closed?.code]).toEqual([1012, 1012]);
    expect(world.server.unsaved()).toEqual([]);
  });

  it("keeps what it acknowledged, and no more, of what somebody said at once and was waiting for its turn", async () => {
    const store = new HeldStore();
    let nowMs = 0;
    // Each look at the clock is later than a slice of a turn is long, so that one message is heard in a turn.
    const clock = { wallMs: () => 1_700_000_000_000, monotonicMs: () => (nowMs += 11) };
    const patient = { joinTimeoutMs: 1e9, heartbeatTimeoutMs: 1e9, idleMs: 1e9 };
    const world = await TestServer.start({ store, clock, limits: patient });
    const ann = await JsonClient.join(world.address, { user: "ann" });
    const changed = new Promise<void>((resolve) => {
      world.server.events.subscribe(({ type }) => void (type === "changed" && resolve()));
    });
    for (let n = 0; n < 100; n++) ann.insert(0, "x");
    await changed;
    await world.server.close();
    await ann.ended();
    expect(ann.acked.size).toBeGreaterThan(0);
    expect(ann.acked.size).toBeLessThan(100);
    const next = await TestServer.start({ store });
    expect((await JsonClient.join(next.address, { user: "bob" })).text).toHaveLength(ann.acked.size);
    expect([...world.defects, ...next.defects]).toEqual([]);
    await next.close();
  });

  it("gives each a time of their own to come back, as many in a second as it lets in", async () => {
    const world = await TestServer.start({ limits: { admissionsPerSecond: 100 } });
    const clients = await Promise.all(
      Array.from({ length: 250 }, (_, at) =>
        JsonClient.connect(world.address, { document: `page-${at}`, user: `user-${at}` }),
      ),
    );
    await world.server.close();
    await Promise.all(clients.map((client) => client.ended()));
    const times = clients.map(({ closed }) => retryHintMs(closed?.reason ?? "")).sort((a, b) => a - b);
    expect(times).toEqual(Array.from({ length: 250 }, (_, at) => 1_500 + at * 10));
  });
});

/** The answer to an upgrade: its status and when to come again. */
function knock(address: string): Promise<[number | undefined, string | undefined]> {
  const line = new WebSocket(`${address.replace("http", "ws")}/documents/page`);
  line.on("error", () => {});
  return new Promise((resolve) => {
    line.on("unexpected-response", (_request, { statusCode, headers }) =>
      resolve([statusCode, headers["retry-after"]]),
    );
  });
}

const EDITORS = 200;
const DOCUMENTS = 20;
const seed = seedOr(12);

it(`SIGTERM while ${EDITORS} people type ends with 0, loses nothing that was acknowledged, and has them all back (J1), seed ${seed}`, async () => {
  const rng = random(seed);
  const folder = await newFolder();
  const first = runServer(["--port", "0", "--data", folder]);
  const { port } = new URL(await first.address());
  const editors = Array.from({ length: EDITORS }, (_, at) => editor(port, at));
  await Promise.all(editors.map((document) => saved(document)));

  const words = new Map(editors.map((document) => [document, 0]));
  const type = (document: RemoteDocument) => {
    const count = (words.get(document) ?? 0) + 1;
    words.set(document, count);
    document.insert(rng.int(document.length + 1), `<${editors.indexOf(document)}:${count}>`);
  };
  const typing = setInterval(() => {
    for (let at = 0; at < 20; at++) type(rng.pick(editors));
  }, 10);
  await Promise.all(editors.slice(0, DOCUMENTS).map((document) => grown(document)));
  first.signal("SIGTERM");
  first.signal("SIGINT"); // Changes nothing (J2).
  expect(await first.exitCode()).toBe(0);
  clearInterval(typing);
  const acknowledged = editors.map((document) => (words.get(document) ?? 0) - document.unsaved);

  const second = runServer(["--port", port, "--data", folder]);
  await second.address();
  const startedMs = performance.now();
  await Promise.all(editors.map((document) => saved(document)));
  const backMs = performance.now() - startedMs;
  if (process.env["SHOW_TIMES"])
    console.log(`all ${EDITORS} back and saved ${Math.round(backMs)} ms after the start`);

  expect(acknowledged.some((count) => count > 0)).toBe(true);
  for (let nth = 0; nth < DOCUMENTS; nth++) {
    const people = editors.filter((_, at) => at % DOCUMENTS === nth);
    const late = await JsonClient.join(`http://127.0.0.1:${port}`, { document: `page-${nth}`, user: "late" });
    const found = [...late.text.matchAll(/<\d+:\d+>/g)].length;
    expect(found).toBeGreaterThan(0);
    // Somebody may have typed into another's word: every character is there, and each once.
    const typed = people.flatMap((document) =>
      Array.from({ length: words.get(document) ?? 0 }, (_, at) => `<${editors.indexOf(document)}:${at + 1}>`),
    );
    expect(letters(late.text)).toBe(letters(typed.join("")));
    for (const document of people) expect(document.text).toBe(late.text);
    await late.leave();
  }
  await Promise.all(editors.map((document) => document.close()));
}, 120_000);

const letters = (text: string) => [...text].sort().join("");

function editor(port: string, at: number): RemoteDocument {
  return connect(`ws://127.0.0.1:${port}`, {
    document: `page-${at % DOCUMENTS}`,
    user: `user-${at}`,
    store: new MemoryLocalStore(),
  });
}

/** Resolves once nothing is on its way. */
function saved(document: RemoteDocument): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.state === "saved") resolve();
    };
    document.on("state", look);
    look();
  });
}

/** Resolves once others have typed into it. */
function grown(document: RemoteDocument): Promise<void> {
  return new Promise((resolve) => {
    document.on("change", ({ origin }) => {
      if (origin === "remote" && document.length > 100) resolve();
    });
  });
}

/** Makes every call of the store after the first three hang as on a disk that does not answer: a thread waits in the kernel. */
function hangingStore(fifo: string): string {
  const module = pathToFileURL(createRequire(import.meta.url).resolve("@motet/document"));
  const program = `
    import { open } from "node:fs";
    import { MemoryDocumentStore } from "${module}";
    const { append } = MemoryDocumentStore.prototype;
    let calls = 0;
    MemoryDocumentStore.prototype.append = function (...entry) {
      if (++calls <= 3) return append.apply(this, entry);
      return new Promise(() => open("${fifo}", "r", () => {}));
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(program)}`;
}

it("ends at the deadline, not with 0, where the disk hangs, and says what was not saved (J3)", async () => {
  const fifo = `${await newFolder()}/disk`;
  execFileSync("mkfifo", [fifo]);
  const server = runServer(["--port=0", "--memory", "--shutdown-ms=1000"], {
    NODE_OPTIONS: hangingStore(fifo),
  });
  const ann = await JsonClient.join(await server.address(), { user: "ann" });
  for (let at = 0; at < 3; at++) {
    ann.insert(0, "x");
    await ann.settle();
  }
  ann.insert(0, "never saved");
  await ann.roundTrip();
  server.signal("SIGTERM");
  server.signal("SIGTERM");
  expect(await server.exitCode()).toBe(null); // Killed: an exit would wait for the disk.
  expect(server.output).toContain("Not everything could be finished within 1 s");
  expect(server.output).toMatch(/document main\/page: \d+ bytes of changes/);
  expect([...ann.acked.keys()]).toEqual([1, 2, 3]);
});

it("ends with 0 at the deadline where only somebody does not hang up", async () => {
  const server = runServer(["--port=0", "--memory", "--shutdown-ms=1000"]);
  const { port } = new URL(await server.address());
  const mute = createConnection({ host: "127.0.0.1", port: Number(port) });
  mute.on("error", () => {});
  mute.write(
    "GET /documents/page HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
      "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await once(mute, "data");
  server.signal("SIGTERM");
  expect(await server.exitCode()).toBe(0);
  expect(server.output).not.toContain("Not everything");
});
