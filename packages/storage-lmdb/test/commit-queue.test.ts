import type { DocumentKey } from "@motet/document";
import { beforeEach, describe, expect, it } from "vitest";
import { type Batch, CommitQueue } from "../src/commit-queue.js";
import { bytes, codeOf, named } from "./support.js";

const [left, right] = [named("left"), named("right")];
const write = (n: number) => [{ key: bytes(n), value: bytes(n) }];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A disk whose every commit ends when the test says so. */
class Disk {
  /** Whether it takes commits beside others. */
  takesRecords = false;
  readonly records: { keys: number[]; end: (isRecorded?: boolean) => void }[] = [];
  readonly commits: { keys: number[]; end: (error?: Error) => void }[] = [];
  readonly abandoned: DocumentKey[] = [];
  readonly queue = new CommitQueue({
    record: (batch) => {
      if (!this.takesRecords) return undefined;
      return new Promise((resolve) => {
        this.records.push({ keys: keysOf(batch), end: (isRecorded = true) => resolve(isRecorded) });
      });
    },
    commit: (batch) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        this.commits.push({ keys: keysOf(batch), end });
      }),
    abandoned: (batch) => this.abandoned.push(...batch.documents.keys()),
  });

  get keys(): number[][] {
    return this.commits.map(({ keys }) => keys);
  }

  get recorded(): number[][] {
    return this.records.map(({ keys }) => keys);
  }

  async end(error?: Error): Promise<void> {
    this.commits.at(-1)!.end(error);
    await turns();
  }
}

function keysOf({ documents }: Batch): number[] {
  const writes = [...documents.values()].flat();
  return writes.map(({ key }) => key[0]!).sort((one, other) => one - other);
}

async function turns(): Promise<void> {
  for (let n = 0; n < 3; n++) await turn();
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

  it("has one commit under way at a time where the disk takes no more, and gathers behind it", async () => {
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

  describe("with a disk that takes commits beside each other", () => {
    const begin = async (...numbers: number[]): Promise<void> => {
      for (const n of numbers) {
        add(left, n);
        await turns();
      }
    };
    beforeEach(() => {
      disk.takesRecords = true;
    });

    it("has two under way, and gathers the rest", async () => {
      await begin(1, 2, 3, 4);
      expect(disk.recorded).toEqual([[1], [2]]);
      disk.records[0]!.end();
      await turns();
      expect(disk.recorded).toEqual([[1], [2], [3, 4]]);
      expect(heard).toEqual(["1 stored"]);
    });

    it("tells of them in order, whichever is on disk first", async () => {
      await begin(1);
      void disk.queue.read(left, () => heard.push("read"));
      await begin(2);
      disk.records[1]!.end();
      await turns();
      expect(heard).toEqual([]);
      expect(disk.queue.waiting.writes).toBe(2);
      disk.records[0]!.end();
      await turns();
      expect(heard).toEqual(["read", "1 stored", "2 stored"]);
    });

    it("makes those anew that were not recorded, one by one and in order, and begins nothing meanwhile", async () => {
      await begin(1, 2);
      disk.records[0]!.end(false);
      await turns();
      expect(disk.keys).toEqual([[1]]);
      await begin(3);
      disk.records[1]!.end(false);
      await disk.end();
      expect([disk.keys, disk.recorded]).toEqual([
        [[1], [2]],
        [[1], [2]],
      ]);
      await disk.end();
      expect(disk.recorded).toEqual([[1], [2], [3]]);
      expect(heard).toEqual(["1 stored", "2 stored"]);
    });

    it("makes the second anew where only that was not recorded", async () => {
      await begin(1, 2);
      disk.records[1]!.end(false);
      await turns();
      expect([disk.keys, heard]).toEqual([[], []]);
      disk.records[0]!.end();
      await turns();
      expect([disk.keys, heard]).toEqual([[[2]], ["1 stored"]]);
      await disk.end();
      expect(heard).toEqual(["1 stored", "2 stored"]);
    });

    it("gives up what is under way behind one that failed, once the disk has let go of it", async () => {
      await begin(1, 2, 3);
      disk.records[0]!.end(false);
      await turns();
      await disk.end(new Error("no space"));
      expect(heard).toEqual([]);
      disk.records[1]!.end(false);
      await turns();
      expect(heard).toEqual(["1 no space", "2 no space", "3 no space"]);
      expect(disk.abandoned).toEqual([left, left, left]);
      await begin(4);
      expect(disk.recorded.at(-1)).toEqual([4]);
    });

    it("lets one that must be made alone wait for those before it, and others for that", async () => {
      await begin(1);
      disk.takesRecords = false;
      await begin(2);
      disk.takesRecords = true;
      expect([disk.recorded, disk.keys]).toEqual([[[1]], []]);
      disk.takesRecords = false;
      disk.records[0]!.end();
      await turns();
      expect(disk.keys).toEqual([[2]]);
      disk.takesRecords = true;
      await begin(3);
      expect(disk.recorded).toEqual([[1]]);
      await disk.end();
      expect(disk.recorded).toEqual([[1], [3]]);
    });
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
