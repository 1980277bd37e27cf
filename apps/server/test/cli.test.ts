import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { runServer } from "./support/run-server.js";

describe("motet-server", () => {
  it("prints its flags and ends", async () => {
    const help = runServer(["--help"]);
    expect(await help.exitCode()).toBe(0);
    expect(help.output).toContain("--port <number>");
  });

  it("prints its version and ends", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const command = runServer(["--version"]);
    expect(await command.exitCode()).toBe(0);
    expect(command.output).toBe(`${version}\n`);
  });

  it("refuses a wrong variable by name and does not start", async () => {
    const server = runServer([], { PORT: "eighty" });
    expect(await server.exitCode()).toBe(2);
    expect(server.output).toContain("PORT must be an integer");
  });

  it("takes its port from the environment, and says so where somebody else has it", async () => {
    const first = runServer(["--port", "0", "--memory"]);
    const { port } = new URL(await first.address());
    const second = runServer(["--memory"], { PORT: port });
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toContain("EADDRINUSE");
  });

  it("serves its page unless it is told not to", async () => {
    const pages = [
      runServer(["--port", "0", "--memory"]),
      runServer(["--port", "0", "--memory", "--no-playground"]),
    ];
    const answers = await Promise.all(
      pages.map(async (server) => fetch(`${await server.address()}/d/minutes`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
    expect(await answers[0]?.text()).toContain("<title>Motet</title>");
  });

  it("warns whoever opens it to the network without authentication", async () => {
    const server = runServer(["--port", "0", "--memory", "--host", "0.0.0.0"]);
    await server.address();
    server.signal("SIGTERM");
    expect(await server.exitCode()).toBe(0);
    expect(server.output).toContain("no authentication");
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "ends with 0 on %s and tells its clients to come back",
    async (signal) => {
      const server = runServer(["--port", "0", "--memory"]);
      const ann = await JsonClient.join(await server.address(), { user: "ann" });
      ann.insert(0, "last words");
      await ann.settle();
      server.signal(signal);
      expect(await ann.ended()).toBe(1012);
      expect(await server.exitCode()).toBe(0);
    },
  );

  it("takes a second signal for the same wish", async () => {
    const server = runServer(["--port", "0", "--memory"]);
    const ann = await JsonClient.join(await server.address(), { user: "ann" });
    server.signal("SIGTERM");
    server.signal("SIGTERM");
    expect(await ann.ended()).toBe(1012);
    server.signal("SIGINT");
    expect(await server.exitCode()).toBe(0);
  });
});
