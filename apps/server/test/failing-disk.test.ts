import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { ServerProcess } from "./support/server-process.js";

const { CI } = process.env;
const STRACE = "strace";
const canTrace = spawnSync(STRACE, ["-f", "-o", "/dev/null", "true"]).status === 0;
const HINT =
  "needs strace, and leave to trace: `apt-get install strace`, and in a container `--cap-add SYS_PTRACE`";

/**
 * The calls by which the store makes something durable; each is let through so many times before it fails for good. The syncs are lmdb's,
 * which takes over now and then what is acknowledged; the writes are those of the journal, one for each acknowledgement.
 */
const FAULTS = [
  ["fdatasync", 3],
  ["fsync,fdatasync", 5],
  ["pwrite64", 40],
] as const;

describe("a disk that fails under a running server (F3)", () => {
  it("can be tried on this machine", (context) => {
    if (!canTrace && CI === undefined) context.skip(HINT);
    expect(canTrace, HINT).toBe(true);
  });

  it.runIf(canTrace).each(FAULTS)(
    "never leads to an acknowledgement: %s with EIO after %i calls",
    async (calls, through) => {
      const folder = await newFolder();
      const { acked, sent } = await typeUntilItFails(folder, calls, through);
      expect(acked, "acknowledgements before the failure").toBeGreaterThan(0);
      expect(acked).toBeLessThan(sent);

      const sound = new ServerProcess(["--port", "0", "--data", folder]);
      try {
        const ann = await JsonClient.join(await sound.address(), { user: "ann", client: "laptop" });
        expect(ann.text.length).toBeGreaterThanOrEqual(acked);
        expect(ann.text).toBe("x".repeat(ann.text.length));
        expect(ann.state?.session.last_id).toBe(ann.text.length);
      } finally {
        await sound.kill();
      }
    },
  );
});

/** Types one letter after another, each once the last is acknowledged, until one is not; reading goes on meanwhile, or says why not. */
async function typeUntilItFails(
  folder: string,
  calls: string,
  through: number,
): Promise<{ acked: number; sent: number }> {
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=EIO:when=${through + 1}+`];
  const server = new ServerProcess(["--port", "0", "--data", folder], { UV_THREADPOOL_SIZE: "1" }, [
    "strace",
    "-D",
    "-f",
    "-qq",
    "-o",
    "/dev/null",
    ...inject,
  ]);
  try {
    const address = await server.address();
    const ann = await JsonClient.join(address, { user: "ann", client: "laptop" });
    let sent = 0;
    while (ann.errors.length === 0) {
      ann.insert(0, "x");
      sent++;
      await ann.until(() => ann.acked.has(sent) || ann.errors.length > 0);
    }
    expect(ann.errors.map(({ code }) => code)).toEqual(["NOT_SAVED"]);
    expect(await ann.ended()).toBe(1011);
    const again = await new HttpApi(address).get("", { accept: "text/plain" });
    if (again.status === 200) expect(again.body).toBe("x".repeat(ann.acked.size));
    else expect([again.status, again.body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
    const write = await new HttpApi(address).post("/restore?user_id=ann", { version: "0" });
    expect(write.status).toBe(503);
    expect(server.output).toMatch(/"call":"append".*the store failed/);
    return { acked: ann.acked.size, sent };
  } finally {
    await server.kill();
  }
}
