// How long an acknowledgement takes, with lmdb on this machine's disk: `node bench/acks.mjs`, after a build.
// Beside each run a watcher syncs a file of its own: a stall that it shows too is the disk's, not the server's. What held up this process, which
// types and takes the times, is told as well. An edit waits for its own sync, and for those of edits before it that are still under way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
/** What keeps the collector of this process from holding up what it measures. */
const QUIET = "--max-semi-space-size=128";
/** As the image starts the server. */
const FLAGS = ["--max-semi-space-size=2", "--single-threaded-gc", "--no-allocation-site-pretenuring"];
const SECONDS = Number(process.argv[2] ?? 10);

async function run({ documents, editors, editsPerSecond }) {
  const folder = await mkdtemp(join(tmpdir(), "motet-acks-"));
  const server = spawn(process.execPath, [...FLAGS, CLI, "--port", "0", "--data", join(folder, "data")]);
  try {
    const [line] = await once(server.stdout, "data");
    const address = /http:\S+/.exec(String(line))[0].replace("http", "ws");
    const everybody = [];
    for (let document = 0; document < documents; document++) {
      for (let at = 0; at < editors; at++) everybody.push(new Editor(address, `d${document}`, `u${at}`));
    }
    await Promise.all(everybody.map((editor) => editor.joined));
    const watcher = watchDisk(join(folder, "watcher"));
    await typeAt(editsPerSecond, 2, everybody);
    for (const editor of everybody) editor.acks.length = 0; // What came before was warming up.
    const cpuBeforeMs = await cpuMs(server.pid);
    const stalls = await typeAt(editsPerSecond, SECONDS, everybody);
    await Promise.all(everybody.map((editor) => editor.settled()));
    const cpuUs = (((await cpuMs(server.pid)) - cpuBeforeMs) * 1_000) / (editsPerSecond * SECONDS);
    for (const editor of everybody) editor.leave(); // Not before all have heard: hundreds who leave at once keep a server busy.
    return { acks: everybody.flatMap(({ acks }) => acks), cpuUs, stalls, syncs: await watcher() };
  } finally {
    server.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
}

/** Somebody who types a letter at the front when asked, and notes how long each acknowledgement took. */
class Editor {
  acks = [];
  #sentMs = new Map();
  #id = 0;
  #line;
  #document;
  #user;

  constructor(address, document, user) {
    [this.#document, this.#user] = [document, user];
    this.#line = new WebSocket(`${address}/documents/${document}`);
    this.#line.on("open", () => this.#say({ type: "join", client_id: user }));
    this.joined = new Promise((resolve) => {
      this.#line.on("message", (data) => {
        if (data.indexOf('"type":"state"') >= 0) resolve();
        if (data.indexOf('"type":"ack"') < 0) return;
        const { id } = JSON.parse(data);
        this.acks.push(performance.now() - this.#sentMs.get(id));
        this.#sentMs.delete(id);
      });
    });
  }

  type() {
    this.#sentMs.set(++this.#id, performance.now());
    this.#say({ type: "insert", id: this.#id, position: 0, text: "x" });
  }

  async settled() {
    while (this.#sentMs.size > 0) await once(this.#line, "message");
  }

  leave() {
    this.#line.terminate();
  }

  #say(message) {
    this.#line.send(JSON.stringify({ user_id: this.#user, doc_id: this.#document, ...message }));
  }
}

/** Lets editors type in turn, evenly; what a late timer missed is made up for at once. The answer is by how much each of them was late. */
async function typeAt(perSecond, seconds, editors) {
  const startMs = performance.now();
  const stalls = [];
  for (let typed = 0, beforeMs = startMs; typed < perSecond * seconds; ) {
    const nowMs = performance.now();
    stalls.push(Math.max(0, nowMs - beforeMs - 1));
    beforeMs = nowMs;
    const due = Math.min(((nowMs - startMs) / 1_000) * perSecond, perSecond * seconds);
    for (; typed < due; typed++) editors[(typed * 7) % editors.length].type();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return stalls;
}

/** Writes and syncs a file of its own twenty times a second; the answer stops it and says how long each took. */
function watchDisk(path) {
  const times = [];
  let isOver = false;
  const watching = (async () => {
    const file = await open(path, "w");
    while (!isOver) {
      const startMs = performance.now();
      await file.write(Buffer.alloc(512), 0, 512, 0);
      await file.datasync();
      times.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await file.close();
  })();
  return async () => {
    isOver = true;
    await watching;
    return times;
  };
}

/** What a process has had of the processors so far, where the system tells (Linux); in steps of 10 ms. */
async function cpuMs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => ") ");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function tell(times) {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms of ${sorted.length}`;
}

async function measure() {
  for (const [name, load] of [
    ["250 edits/s on one document, 50 editors", { documents: 1, editors: 50, editsPerSecond: 250 }],
    [
      "2,000 edits/s over 200 documents, 2 editors each",
      { documents: 200, editors: 2, editsPerSecond: 2_000 },
    ],
  ]) {
    const { acks, cpuUs, stalls, syncs } = await run(load);
    console.log(`${name}:\n  acks ${tell(acks)}; ${cpuUs.toFixed(0)} us of processor an edit`);
    console.log(`  the disk alone ${tell(syncs)}`);
    console.log(`  this process, later than its timer: ${tell(stalls)}`);
  }
}

if (process.execArgv.includes(QUIET)) await measure();
else spawn(process.execPath, [QUIET, ...process.argv.slice(1)], { stdio: "inherit" });
