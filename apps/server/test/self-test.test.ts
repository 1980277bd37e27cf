import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { selfTest } from "../src/self-test.js";
import { newFolder } from "./support/folder.js";
import { HeldStore } from "./support/held-store.js";
import { runServer } from "./support/run-server.js";
import type { ServerProcess } from "./support/server-process.js";

afterEach(() => {
  vi.useRealTimers();
});

describe("the self-test of a server that starts", () => {
  it("writes to the store that people will write to, finds it well, and leaves nothing there", async () => {
    const store = new HeldStore();
    const append = vi.spyOn(store, "append");
    expect(await selfTest(store)).toBe(undefined);
    expect(append.mock.calls.length).toBeGreaterThan(20);
    expect(await store.list({ limit: 10 })).toEqual([]);
    const [[id]] = append.mock.calls as [Parameters<typeof store.append>];
    expect(await store.load(id)).toEqual([]);
  });

  it("says in a sentence that the store takes nothing, before anybody's words are lost on it", async () => {
    const store = new HeldStore();
    store.break("append");
    expect(await selfTest(store)).toBe(
      "The self-test failed: the store refused: the change was not accepted.",
    );
  });

  it("keeps nobody waiting for a store that does not answer", async () => {
    const store = new HeldStore();
    store.hold("append");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const outcome = selfTest(store);
    await vi.waitUntil(() => store.waiting("append") > 0);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await outcome).toBe("The self-test was not through after 5 s: the store is slow.");
    store.release("append");
  });
});

/** Flags and variables of a server that tests itself on a store whose `append` is this. */
async function withAppend(code: string): Promise<ConstructorParameters<typeof ServerProcess>> {
  const module = import.meta.resolve("@motet/storage-lmdb");
  const program = `
    import { LmdbDocumentStore } from "${module}";
    const { append } = LmdbDocumentStore.prototype;
    LmdbDocumentStore.prototype.append = ${code};`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(program)}`;
  return [["--port=0", "--data", await newFolder()], { NODE_OPTIONS, MOTET_NO_SELF_TEST: "false" }];
}

it("a server says that its self-test failed, and starts all the same", async () => {
  const server = runServer(...(await withAppend('() => Promise.reject(new Error("canary"))')));
  expect((await fetch(`${await server.address()}/health`)).status).toBe(200);
  expect(server.output).toMatch(/The self-test failed: .*Motet starts all the same\./);
});

it("a server that is told to stop while it tests itself ends with 0, never lets anybody in, and leaves nothing", async () => {
  const [args, environment] = await withAppend(`async function (...entry) {
    if (!globalThis.hasSaid) console.log("testing");
    globalThis.hasSaid = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return append.apply(this, entry);
  }`);
  const server = runServer(args, environment);
  await server.says("testing");
  server.signal("SIGTERM");
  expect(await server.exitCode()).toBe(0);
  expect(server.output).not.toContain("listens");
  const store = await LmdbDocumentStore.open({ folder: args![2]! });
  expect(await store.list({ limit: 1 })).toEqual([]);
  await store.close();
});
