import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { ServerProcess } from "./support/server-process.js";

/** `pnpm soak` lets it run for a day with a hundred editors; here it is a few rounds with ten. */
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 0);
const EDITORS = MINUTES > 0 ? 100 : 10;
const ROUNDS_MIN = 6;
const MEBIBYTE = 1_048_576;

interface Sample {
  readonly atMs: number;
  readonly rss: number;
  readonly handles: number;
  readonly connections: number;
}

async function sample(address: string): Promise<Sample> {
  const text = await (await fetch(`${address}/metrics`, { headers: { connection: "close" } })).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    atMs: performance.now(),
    rss: value("process_resident_memory_bytes"),
    handles: value("process_open_fds"),
    connections: value("motet_connections"),
  };
}

/** Everybody comes, types, deletes, moves about and leaves, some without a word; then the document is deleted. */
async function round(address: string, document: string): Promise<void> {
  const joined = Array.from({ length: EDITORS }, (_, n) =>
    JsonClient.join(address, { user: `user-${n}`, document }),
  );
  const editors = await Promise.all(joined);
  for (let step = 0; step < 10; step++) {
    for (const editor of editors) {
      editor.insert(0, "word ");
      editor.send({ type: "cursor_move", line: 0, column: step });
      if (step % 3 === 2) editor.delete(0, 5);
    }
    await Promise.all(editors.map((editor) => editor.settle()));
  }
  await Promise.all(editors.map((editor, n) => (n % 5 === 0 ? editor.vanish() : editor.leave())));
  await new HttpApi(address, document).request("", { method: "DELETE" });
}

/** Bytes an hour, by least squares over the samples. */
function slope(samples: readonly Sample[]): number {
  const mean = (pick: (one: Sample) => number) =>
    samples.reduce((sum, one) => sum + pick(one), 0) / samples.length;
  const [atMs, rss] = [mean((one) => one.atMs), mean((one) => one.rss)];
  const up = samples.reduce((sum, one) => sum + (one.atMs - atMs) * (one.rss - rss), 0);
  const across = samples.reduce((sum, one) => sum + (one.atMs - atMs) ** 2, 0);
  return (up / across) * 3_600_000;
}

it(
  "people who come and go for long leave nothing behind: no handle, no memory (J10)",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "motet-"));
    const server = new ServerProcess(["--port", "0", "--data", folder, "--connections-per-user-max", "1000"]);
    const address = await server.address();
    const samples: Sample[] = [];
    const endMs = performance.now() + MINUTES * 60_000;
    for (let n = 0; n < ROUNDS_MIN || performance.now() < endMs; n++) {
      await round(address, `soak-${n}`);
      let now = await sample(address);
      while (now.connections > 0) now = await sample(address);
      samples.push(now);
    }
    await server.kill();
    await rm(folder, { recursive: true });
    const settled = samples.slice(Math.floor(samples.length / 3));
    const handles = settled.map((one) => one.handles);
    expect(Math.max(...handles) - Math.min(...handles), `handles: ${handles.slice(-20)}`).toBeLessThanOrEqual(
      2,
    );
    const perHour = slope(settled) / MEBIBYTE;
    if (MINUTES > 0)
      console.log(`${samples.length} rounds, ${perHour.toFixed(2)} MiB an hour after warming up`);
    // In a few minutes a collector says nothing of an hour.
    if (MINUTES >= 60) expect(perHour).toBeLessThan(1);
  },
  (MINUTES + 2) * 60_000,
);
