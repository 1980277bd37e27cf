import { readdir } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { LmdbDocumentStore } from "../src/index.js";
import { bytes, Child, codeOf, contentOf, key, named, newFolder, succeeds } from "./support.js";

const novel = named("novel");

describe("two processes on one folder (F8)", () => {
  const children: Child[] = [];
  const owner = (folder: string, ...wrapper: string[]): Child => {
    const child = new Child("owner.mjs", [folder], wrapper);
    children.push(child);
    return child;
  };
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill();
      await child.exited;
    }
  });

  it("refuses the second process, and goes on serving the first", async () => {
    const folder = await newFolder();
    const store = await LmdbDocumentStore.open({ folder });
    await store.append(novel, key("a"), bytes(1));
    expect(await owner(folder).firstLine()).toBe("IN_USE");
    await store.append(novel, key("b"), bytes(2));
    expect(contentOf(await store.load(novel))).toEqual([[1], [2]]);
    await store.close();
  });

  it("refuses this process while another has the folder, names it, and lets it in once that has closed", async () => {
    const folder = await newFolder();
    const child = owner(folder);
    expect(await child.firstLine()).toBe("open");
    await expect(LmdbDocumentStore.open({ folder })).rejects.toMatchObject({
      code: "IN_USE",
      message: expect.stringContaining(`processes ${child.process.pid}`),
    });
    child.process.stdin!.end();
    expect(await child.exited).toBe(0);
    await (await LmdbDocumentStore.open({ folder })).close();
  });

  it("lets the next process in at once after the owner was killed", async () => {
    const folder = await newFolder();
    for (let round = 0; round < 3; round++) {
      const child = owner(folder);
      expect(await child.firstLine()).toBe("open");
      child.kill();
      expect(await child.exited).toBe("SIGKILL");
    }
    await (await LmdbDocumentStore.open({ folder })).close();
  });

  it("lets at most one of two in that start at once, and none of them stands in the way when they are gone", async () => {
    const folder = await newFolder();
    const [first, second] = [owner(folder), owner(folder)];
    const said = await Promise.all([first.firstLine(), second.firstLine()]);
    expect(said.filter((line) => line === "open").length).toBeLessThanOrEqual(1);
    expect(said.every((line) => line === "open" || line === "IN_USE")).toBe(true);
    for (const child of [first, second]) child.kill();
    await Promise.all([first.exited, second.exited]);
    const third = owner(folder);
    expect(await third.firstLine()).toBe("open");
    expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("IN_USE");
  });

  const container = ["unshare", "--pid", "--fork", "--kill-child"];
  it.runIf(succeeds(...container, "true"))(
    "tells two containers apart in which both processes are number 1",
    async () => {
      const folder = await newFolder();
      expect(await owner(folder, ...container).firstLine()).toBe("open");
      expect(await owner(folder, ...container).firstLine()).toBe("IN_USE");
      expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("IN_USE");
    },
  );

  it("refuses a second store of the same process, and keeps the first one's right", async () => {
    const folder = await newFolder();
    const store = await LmdbDocumentStore.open({ folder });
    expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("IN_USE");
    expect(await codeOf(LmdbDocumentStore.open({ folder: `${folder}/../${folder.split("/").at(-1)}` }))).toBe(
      "IN_USE",
    );
    expect(await owner(folder).firstLine()).toBe("IN_USE");
    await store.append(novel, key("a"), bytes(1));
    await store.close();
    await (await LmdbDocumentStore.open({ folder })).close();
  });

  it("leaves no file behind but its own", async () => {
    const folder = await newFolder();
    const store = await LmdbDocumentStore.open({ folder });
    await store.append(novel, key("a"), bytes(1));
    await store.close();
    expect((await readdir(folder)).sort()).toEqual([
      "documents.mdb",
      "documents.mdb-lock",
      "journal",
      "owner.mdb",
      "owner.mdb-lock",
    ]);
  });
});
