import { writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { runServer } from "./support/run-server.js";
import type { ServerProcess } from "./support/server-process.js";

function run(args: readonly string[], environment: Record<string, string> = {}): ServerProcess {
  return runServer(["--port", "0", ...args], environment);
}

describe("motet-server", () => {
  it("keeps documents in the folder that it is given, says so, and has them again when it comes back", async () => {
    const folder = pathOf(await newFolder(), "made", "for", "it");
    const first = run(["--data", folder]);
    const ann = await JsonClient.join(await first.address(), { user: "ann" });
    ann.insert(0, "still here");
    await ann.settle();
    expect(first.output).toContain(`Documents are kept in ${folder}`);
    first.signal("SIGTERM");
    expect(await first.exitCode()).toBe(0);
    const second = run([], { MOTET_DATA: folder });
    const api = new HttpApi(await second.address());
    expect((await api.get("", { accept: "text/plain" })).body).toBe("still here");
  });

  it("keeps them nowhere with --memory, and says so", async () => {
    const server = run(["--memory"]);
    await server.address();
    expect(server.output).toContain("gone when the server stops");
  });

  it("does not share a folder with a server that runs already", async () => {
    const folder = await newFolder();
    await run(["--data", folder]).address();
    const second = run(["--data", folder]);
    expect(await second.exitCode()).toBe(1);
    expect(second.output).toMatch(/^Cannot keep documents in .*another store has .* open.*\n$/);
  });

  it("does not start on a folder that cannot be one, and says which", async () => {
    const file = pathOf(await newFolder(), "file");
    await writeFile(file, "not a folder");
    const server = run(["--data", pathOf(file, "data")]);
    expect(await server.exitCode()).toBe(1);
    expect(server.output).toMatch(/^Cannot keep documents in .*: ENOTDIR.*\n$/);
  });

  it("does not take another program's file for its own", async () => {
    const folder = await newFolder();
    await writeFile(pathOf(folder, "documents.mdb"), "a diary");
    const server = run(["--data", folder]);
    expect(await server.exitCode()).toBe(1);
    expect(server.output).toContain("is not a database");
  });
});
