import type { DocumentKey } from "@motet/document";
import { beforeEach, describe, expect, it } from "vitest";
import { type Batch, CommitQueue } from "../src/commit-queue.js";
import { bytes, codeOf, named } from "./support.js";

const [left, right] = [named("left"), named("right")];
const write = (n: number) => [{ key: bytes(n), value: bytes(n) }];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A disk whose every commit ends when the test says so. */
class Disk {
  readonly commits: { batch: Batch; end: (error?: Error) => void }[] = [];
  readonly abandoned: DocumentKey[] = [];
  readonly queue = new CommitQueue({
    record: () => undefined,
    commit: (batch) =>
      new Promise((resolve, reject) => {
        this.commits.push({ batch, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
    abandoned: (batch) => this.abandoned.push(...batch.documents.keys()),
  });

  get keys(): number[][] {
    return this.commits.map(({ batch }) => [...batch.documents.values()].flat().map(({ key }) => key[0]!));
  }

  async end(error?: Error): Promise<void> {
    this.commits.at(-1)!.end(error);
    await turn();
    await turn();
  }
}

describe("CommitQueue", () => {
  let disk: Disk;
  const heard: string[] = [];
  const add = (id: DocumentKey, n: number): void => {
    disk.queue.add(id, write(n)).then(
      () => heard.push(`${n} stored`),
      (error: Error) => heard.push(`${n} ${error.message}`),
    );
  };
  beforeEach(() => {
    disk = new Disk();
    heard.length = 0;
  });

  it("lets nobody hear anything while the disk does not answer (F14)", async () => {
    add(left, 1);
    void disk.queue.read(left, () => heard.push("read"));
    void disk.queue.written(left).then(() => heard.push("written"));
    for (let n = 0; n < 10; n++) await turn();
    expect(disk.keys).toEqual([[1]]);
    expect(heard).toEqual([]);
    expect(disk.queue.waiting).toEqual({ writes: 1, bytes: 2 });
  });

  it("has one commit under way at a time, and gathers behind it", async () => {
    add(left, 1);
    await turn();
    for (const n of [2, 3, 4]) {
      add(n === 3 ? right : left, n);
      await turn();
    }
    expect(disk.keys).toEqual([[1]]);
    await disk.end();
    expect(disk.keys).toEqual([[1], [2, 3, 4]]);
    expect(heard).toEqual(["1 stored"]);
  });

  it("reads between two writes of a document, without holding up another's", async () => {
    add(left, 1);
    void disk.queue.read(left, () => heard.push("read left"));
    void disk.queue.read(right, () => heard.push("read right"));
    add(left, 2);
    await turn();
    expect(disk.keys).toEqual([[1]]);
    expect(heard).toEqual(["read right"]);
    await disk.end();
    expect(disk.keys).toEqual([[1], [2]]);
    expect(heard).toEqual(["read right", "read left", "1 stored"]);
  });

  it("gives up everything behind a commit that failed, and starts afresh", async () => {
    add(left, 1);
    void disk.queue.read(left, () => heard.push("read"));
    add(right, 2);
    await turn();
    add(right, 3);
    await disk.end(new Error("no space"));
    expect(heard).toEqual(["read", "1 no space", "2 no space", "3 no space"]);
    expect(new Set(disk.abandoned)).toEqual(new Set([left, right]));
    expect(disk.commits).toHaveLength(1);
    expect(disk.queue.isPending(left)).toBe(false);

    add(left, 4);
    await turn();
    await disk.end();
    expect(disk.keys).toEqual([[1], [4]]);
    expect(heard.at(-1)).toBe("4 stored");
  });

  it("is idle when nothing waits, and not before", async () => {
    await disk.queue.idle();
    add(left, 1);
    void disk.queue.idle().then(() => heard.push("idle"));
    await turn();
    expect(heard).toEqual([]);
    await disk.end();
    expect(heard).toEqual(["1 stored", "idle"]);
  });

  it("hands a reader's error to the reader alone", async () => {
    add(left, 1);
    const code = codeOf(
      disk.queue.read(left, () => {
        throw Object.assign(new Error("unreadable"), { code: "DAMAGED" });
      }),
    );
    await turn();
    await disk.end();
    expect(await code).toBe("DAMAGED");
    expect(heard).toEqual(["1 stored"]);
  });
});
