import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LmdbDocumentStore } from "../src/index.js";
import { bytes, codeOf, key, named, scratch, succeeds } from "./support.js";

const small = named("small");
const large = named("large");
const KIB = 1_024;
const HINT = "needs leave to mount a tmpfs: run as root, in a container with `--cap-add SYS_ADMIN`";

const disk = mkdtempSync(join(scratch, "disk-"));
const mount = (): boolean => succeeds("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk);
const unmount = (): boolean => succeeds("umount", "-l", disk);
const canMount = mount() && unmount();

it("a full disk can be tried on this machine", (context) => {
  if (!canMount) context.skip(HINT);
});

describe.runIf(canMount)("a full disk (F4)", () => {
  beforeEach(() => {
    mount();
    vi.spyOn(console, "error").mockImplementation(() => undefined); // lmdb tells there what it also throws.
  });
  afterEach(() => {
    vi.restoreAllMocks();
    unmount();
  });

  it("refuses writes by name, serves what is stored, and takes writes again when there is room", async () => {
    const filler = join(disk, "filler");
    await writeFile(filler, Buffer.alloc(2_048 * KIB));
    const store = await LmdbDocumentStore.open({ folder: join(disk, "data") });
    await store.append(small, key("a"), bytes(1));
    const stored = await fill(store);

    expect(store.state).toBe("blocked");
    expect(await store.load(small)).toHaveLength(1);
    expect(await store.load(large)).toHaveLength(stored);
    expect(await store.list({ limit: 10 })).toEqual([large, small]);

    await rm(filler);
    const next = key(`entry-${stored}`);
    expect((await store.append(large, next, new Uint8Array(40 * KIB))).place).toBe(stored + 1);
    expect(store.state).toBe("ready");
    expect(await store.load(large)).toHaveLength(stored + 1);
    await store.close();
  });

  it("opens for reading while the disk is full, with everything that was acknowledged", async () => {
    const folder = join(disk, "again");
    const first = await LmdbDocumentStore.open({ folder });
    await first.append(small, key("a"), bytes(1));
    const stored = await fill(first);
    await first.close();
    await fillUp(join(disk, "rest"));

    const second = await LmdbDocumentStore.open({ folder });
    expect(await second.load(large)).toHaveLength(stored);
    expect(await codeOf(second.append(large, key("more"), new Uint8Array(40 * KIB)))).toBe("STORE_FULL");
    await second.close();
  });

  it("does not start a new store where there is no room for one", async () => {
    await fillUp(join(disk, "everything"));
    expect(await codeOf(LmdbDocumentStore.open({ folder: join(disk, "new") }))).toBe("STORE_FULL");
  });
});

/** Appends 40 KiB after 40 KiB until the disk is full; how many there was room for. */
async function fill(store: LmdbDocumentStore): Promise<number> {
  for (let n = 0; ; n++) {
    const code = await codeOf(store.append(large, key(`entry-${n}`), new Uint8Array(40 * KIB).fill(n)));
    if (code === "no error") continue;
    expect(code).toBe("STORE_FULL");
    return n;
  }
}

async function fillUp(path: string): Promise<void> {
  await writeFile(path, Buffer.alloc(4_096 * KIB)).catch((error: { code?: unknown }) => {
    expect(error.code).toBe("ENOSPC");
  });
}
