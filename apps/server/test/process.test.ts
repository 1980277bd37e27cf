import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { userId } from "@motet/document";
import { describe, expect, it } from "vitest";
import type { Authenticator } from "../src/index.js";
import { newFolder } from "./support/folder.js";
import { JsonClient } from "./support/json-client.js";
import { runServer } from "./support/run-server.js";
import { TestServer } from "./support/test-server.js";

describe("an error that nobody raised on purpose (J5)", () => {
  it("in one session ends that session, says nothing of itself, and others go on", async () => {
    const broken: Authenticator = {
      authenticate: async ({ user = "" }) => {
        if (user === "mallory") throw new TypeError("canary in /var/lib/secret");
        return { user: userId(user), rightsOn: () => "admin" };
      },
    };
    const world = await TestServer.start({ authenticator: broken });
    const ann = await JsonClient.join(world.address, { user: "ann" });
    const mallory = await JsonClient.connect(world.address, { user: "mallory" });
    mallory.send({ type: "join" });
    expect(await mallory.ended()).toBe(1011);
    expect(mallory.errors).toMatchObject([{ code: "INTERNAL" }]);
    expect(JSON.stringify(mallory.errors) + mallory.closed?.reason).not.toContain("canary");
    expect(world.defects).toMatchObject([{ message: expect.stringContaining("canary") }]);
    ann.insert(0, "still served");
    await ann.settle();
    await world.close();
  });

  it.each([
    ["is thrown", "throw new Error('canary')"],
    ["is a rejection", "Promise.reject(new Error('canary'))"],
  ])(
    "that %s outside of any session ends the process with 1, and what was acknowledged is there after it",
    async (_how, code) => {
      const program = `process.on("SIGUSR2", () => setImmediate(() => { ${code}; }));`;
      const preload = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
      const folder = await newFolder();
      const first = runServer(["--port=0", "--data", folder], preload);
      const ann = await JsonClient.join(await first.address(), { user: "ann", client: "tab" });
      ann.insert(0, "hello");
      await ann.settle();
      first.signal("SIGUSR2");
      expect(await first.exitCode()).toBe(1);
      expect(first.output).toContain("canary");
      const second = runServer(["--port=0", "--data", folder]);
      const again = await JsonClient.join(await second.address(), { user: "ann", client: "tab" });
      expect([again.text, again.state?.session.last_id]).toEqual(["hello", 1]);
    },
  );
});

it("goes on when it is out of file descriptors, and lets people in again when there are some (E15)", async () => {
  const limited = ["sh", "-c", 'ulimit -n 250; exec "$@"', "sh"];
  const server = runServer(["--port=0", "--memory"], {}, limited);
  const address = await server.address();
  const { port } = new URL(address);
  const ann = await JsonClient.join(address, { user: "ann" });
  const crowd = Array.from({ length: 100 }, () =>
    createConnection({ host: "127.0.0.1", port: Number(port) }),
  );
  for (const line of crowd) line.on("error", () => {});
  await Promise.all(crowd.map(connected));
  ann.insert(0, "still served");
  await ann.settle();
  expect(server.isRunning).toBe(true);

  for (const line of crowd) line.destroy();
  const bob = await JsonClient.join(address, { user: "bob" });
  expect(bob.text).toBe("still served");
  server.signal("SIGTERM");
  expect(await server.exitCode()).toBe(0);
});

/** Resolves once the kernel has taken the connection, or refused it. */
async function connected(line: Socket): Promise<void> {
  await Promise.race([once(line, "connect"), once(line, "close")]).catch(() => {});
}
