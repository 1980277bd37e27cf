// What a second and a third server of a document cost: `pnpm --filter @motet/server cluster-cost`, after a build. PostgreSQL and Redis must be
// installed. Ten people type at one server, in turn; people who only read join at a second one, and at a third. Everything runs on this
// machine, so trust the ratios: what each server spends on an edit, beside what it spends when nobody types.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Cluster } from "@motet/services";
import { WebSocket } from "ws";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const SECONDS = Number(process.argv[2] ?? 5);
const ROUNDS = Number(process.argv[3] ?? 3);
const WRITERS = 10;
const READERS = 10;
const EDITS_PER_SECOND = 200;

/** What all servers and the bus spent while people typed for a while, each in milliseconds or bytes. */
async function measured(document, nodes, editsPerSecond) {
  const people = await Promise.all(
    Array.from({ length: WRITERS + READERS * (nodes - 1) }, (_, at) => {
      const node = at < WRITERS ? 0 : 1 + Math.floor((at - WRITERS) / READERS);
      return Person.join(cluster.nodes[node].address, document, `user${at}`);
    }),
  );
  await wait(500); // Until everybody has been told of everybody.
  const before = await spent();
  await typeFor(people.slice(0, WRITERS), editsPerSecond);
  const after = await spent();
  for (const person of people) person.leave();
  await wait(500);
  return {
    cpuMs: after.cpuMs.map((ms, at) => ms - before.cpuMs[at]),
    busBytes: after.busBytes - before.busBytes,
  };
}

async function typeFor(writers, editsPerSecond) {
  const [startedMs, edits] = [performance.now(), editsPerSecond * SECONDS];
  for (let edit = 0; edit < edits; edit++) {
    const waitMs = startedMs + (edit * 1_000) / editsPerSecond - performance.now();
    if (waitMs > 1) await wait(waitMs);
    writers[edit % writers.length].type();
  }
  await wait(Math.max(0, startedMs + SECONDS * 1_000 - performance.now()));
  while (writers.some(({ unacked }) => unacked > 0)) await wait(10);
}

async function spent() {
  const cpuMs = await Promise.all(cluster.nodes.map(({ address }) => cpuMsOf(address)));
  const info = (await cluster.redis.ask("INFO stats")) + (await cluster.redis.ask("INFO cpu"));
  const redis = (name) => Number(new RegExp(`^${name}:(.+)$`, "m").exec(info)[1]);
  return {
    cpuMs: [
      ...cpuMs,
      familyCpuMs(cluster.postgres.pid),
      (redis("used_cpu_user") + redis("used_cpu_sys")) * 1_000,
    ],
    busBytes: redis("total_net_input_bytes") + redis("total_net_output_bytes"),
  };
}

/** The CPU time of a process and its children so far; Linux only. */
function familyCpuMs(pid) {
  const TICK_MS = 10;
  let ticks = 0;
  for (const folder of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${folder}/stat`, "utf8").split(") ")[1].split(" ");
      if (Number(folder) === pid || Number(fields[1]) === pid)
        ticks += Number(fields[11]) + Number(fields[12]);
    } catch {} // It has just ended.
  }
  return ticks * TICK_MS;
}

async function cpuMsOf(address) {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (.+)$/m.exec(text)[1]) * 1_000;
}

function print(rounds) {
  console.log(
    `${WRITERS} people type at server 1, ${EDITS_PER_SECOND} edits a second for ${SECONDS} s; ${READERS} read at each further server; median of ${ROUNDS} rounds\n`,
  );
  const one = median(rounds.filter(({ nodes }) => nodes === 1).map(({ cpuUs }) => cpuUs[0]));
  console.log(
    "| servers of the document | CPU of an edit at server 1, 2, 3 in us | as parts of server 1 alone | PostgreSQL, us | Redis, us | bytes on the bus |",
  );
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const nodes of [1, 2, 3]) {
    const own = rounds.filter((round) => round.nodes === nodes);
    const [postgres, redis] = [3, 4].map((at) => Math.round(median(own.map((round) => round.cpuUs[at]))));
    const cpuUs = [0, 1, 2].map((at) => median(own.map((round) => round.cpuUs[at])));
    const parts = cpuUs.map((us) => (us / one).toFixed(2)).join(" : ");
    const bytes = Math.round(median(own.map(({ busBytes }) => busBytes)));
    console.log(
      `| ${nodes} | ${cpuUs.map((us) => Math.round(us)).join(", ")} | ${parts} | ${postgres} | ${redis} | ${bytes} |`,
    );
  }
}

function median(numbers) {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];
}

/** A client of the JSON protocol that types a letter at the front when asked. */
class Person {
  unacked = 0;
  #id = 0;
  #version = 0;

  static async join(address, document, user) {
    const person = new Person();
    person.socket = new WebSocket(`${address.replace("http", "ws")}/documents/${document}`);
    person.say = (message) =>
      person.socket.send(JSON.stringify({ user_id: user, doc_id: document, ...message }));
    await new Promise((resolve, reject) => {
      person.socket.once("error", reject);
      person.socket.once("open", () => person.say({ type: "join", client_id: user }));
      person.socket.on("message", (data) => person.#hear(JSON.parse(data), resolve));
    });
    return person;
  }

  type() {
    this.unacked++;
    this.say({ type: "insert", id: ++this.#id, version: this.#version, position: 0, text: "x" });
  }

  leave() {
    this.socket.close();
  }

  #hear({ type, version }, joined) {
    if (type === "error") throw new Error("an edit was refused");
    if (type === "state" || type === "ack" || type === "changes") this.#version = version;
    if (type === "ack") this.unacked--;
    if (type === "state") joined();
  }
}

const cluster = await Cluster.start({ cli: CLI, flags: ["--log-level=warn"] });
try {
  await measured("warming-up", 3, EDITS_PER_SECOND);
  const idle = await measured("idle", 3, 0);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const nodes of [1, 2, 3]) {
      const { cpuMs, busBytes } = await measured(`page-${round}-${nodes}`, nodes, EDITS_PER_SECOND);
      const edits = EDITS_PER_SECOND * SECONDS;
      rounds.push({
        nodes,
        cpuUs: cpuMs.map((ms, at) => ((ms - idle.cpuMs[at]) * 1_000) / edits),
        busBytes: (busBytes - idle.busBytes) / edits,
      });
    }
  }
  print(rounds);
} finally {
  await cluster.stop();
}
