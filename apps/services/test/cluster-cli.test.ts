import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { clusterMissing } from "../src/index.js";

const CLI = fileURLToPath(new URL("../dist/cluster-cli.js", import.meta.url));

const missing = clusterMissing();
if (missing !== undefined && process.env["CI"]) throw new Error(missing);

function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { child, text: "", ended: once(child, "close") };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said.text += chunk;
    });
  }
  return said;
}

it.skipIf(missing !== undefined)("one command starts a cluster, and Ctrl-C ends all of it", async () => {
  const said = run("--port", "0");
  while (!said.text.includes("Ctrl-C")) {
    expect(said.child.exitCode, said.text).toBe(null);
    await Promise.race([once(said.child.stdout, "data"), said.ended]);
  }
  const balancer = /^balancer\s+(\S+)$/m.exec(said.text)?.[1];
  const servers = [...said.text.matchAll(/^server \d\s+(\S+)$/gm)].map(([, address]) => address!);
  expect(servers).toHaveLength(3);
  const begin = await fetch(`${balancer}/api/v1/documents?user_id=ann`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ doc_id: "page", text: "hello" }),
  });
  expect(begin.status).toBe(201);
  for (const server of servers) {
    const answer = await fetch(`${server}/api/v1/documents/page`, { headers: { accept: "text/plain" } });
    expect(await answer.text()).toBe("hello");
  }
  said.child.kill("SIGINT");
  said.child.kill("SIGINT"); // As from a terminal, and from the package manager in between.
  expect(await said.ended).toEqual([0, null]);
  await expect(fetch(`${servers[0]}/health`)).rejects.toThrow();
});

it("refuses ports and numbers that make no sense, with how it is called", async () => {
  const said = run("--nodes", "0");
  expect([await said.ended, said.text.split(" ")[0]]).toEqual([[2, null], "Usage:"]);
});
