import { afterEach, describe, expect, it, vi } from "vitest";
import { selfTest } from "../src/self-test.js";
import { newFolder } from "./support/folder.js";
import { HeldStore } from "./support/held-store.js";
import { ServerProcess } from "./support/server-process.js";

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

it("a server says that its self-test failed, and starts all the same", async () => {
  const module = import.meta.resolve("@motet/storage-lmdb");
  const program = `
    import { LmdbDocumentStore } from "${module}";
    LmdbDocumentStore.prototype.append = () => Promise.reject(new Error("canary"));`;
  const environment = {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
    MOTET_NO_SELF_TEST: "false",
  };
  const server = new ServerProcess(["--port=0", "--data", await newFolder()], environment);
  try {
    expect((await fetch(`${await server.address()}/health`)).status).toBe(200);
    expect(server.output).toMatch(/The self-test failed: .*Motet starts all the same\./);
  } finally {
    await server.kill();
  }
});
