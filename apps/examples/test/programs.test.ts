import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type RemoteDocument } from "@motet/client";
import { CollaborativeServer } from "@motet/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Program } from "./support/program.js";

let server: CollaborativeServer;
let address: string;
const programs: Program[] = [];
const documents: RemoteDocument[] = [];

beforeEach(async () => {
  server = new CollaborativeServer({ port: 0 });
  address = await server.listen();
});

afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()));
  await Promise.all(documents.splice(0).map((document) => document.close()));
  await server.close();
});

function run(name: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Program {
  const program = new Program(name, args, environment);
  programs.push(program);
  return program;
}

function open(where: string, name: string, token?: string): RemoteDocument {
  const as = token === undefined ? { user: "bob" } : { token: async () => token };
  const document = connect(where, { document: name, ...as });
  documents.push(document);
  return document;
}

/** Resolves once the document reads `text`. */
function reads(document: RemoteDocument, text: string): Promise<void> {
  return expect.poll(() => document.text, { timeout: 20_000 }).toBe(text) as unknown as Promise<void>;
}

const textOf = async (name: string): Promise<string> => (await server.document(name).read()).text;

describe("the examples", () => {
  it("a Node client writes what is typed, prints what others write, and ends once all is saved", async () => {
    const client = run("node-client.mjs", [address, "minutes", "ann"]);
    await client.says("(saved)");
    const bob = open(address, "minutes");
    client.type("Present: Ann");
    await reads(bob, "Present: Ann\n");
    bob.insert(bob.length, "Absent: none\n");
    await client.says("Present: Ann\nAbsent: none");
    await client.says("here: .*bob");
    client.type("Closed.");
    client.finish();
    expect(await client.ended()).toBe(0);
    expect(await textOf("minutes")).toBe("Present: Ann\nAbsent: none\nClosed.\n");
  });

  it("a Node client takes twenty lines", () => {
    const program = readFileSync(new URL("../src/node-client.mjs", import.meta.url), "utf8");
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(22);
  });

  it("a list of things to do keeps what several people change of one thing at once, and its order", async () => {
    const list = run("todo-list.mjs", [address, "todo"]);
    for (const text of ["buy milk", "call Bob", "write"]) list.type(`add ${text}`);
    await list.says("1 \\[ \\] buy milk \\| 2 \\[ \\] call Bob \\| 3 \\[ \\] write");
    const bob = open(address, "todo");
    await bob.whenSynced();
    const [[field]] = [...bob.fields].filter(([, value]) => value === "buy milk") as [[string, unknown]];
    bob.disconnect();
    bob.setField(field, "buy oat milk");
    list.type("tick 1");
    list.type("move 3 1");
    await list.says("1 \\[ \\] write \\| 2 \\[x\\] buy milk \\| 3 \\[ \\] call Bob");
    bob.reconnect();
    await list.says("1 \\[ \\] write \\| 2 \\[x\\] buy oat milk \\| 3 \\[ \\] call Bob");
    bob.disconnect();
    bob.setField(field, "buy cocoa");
    list.type("remove 2");
    await list.says("1 \\[ \\] write \\| 2 \\[ \\] call Bob");
    bob.reconnect();
    await bob.whenSaved();
    list.finish();
    expect(await list.ended()).toBe(0);
    expect(list.output.trim().split("\n").at(-1)).toBe("1 [ ] write | 2 [ ] call Bob");
  });

  it("a bot with nothing but a WebSocket puts arrows where others type them, wherever these move meanwhile", async () => {
    const bob = open(address, "minutes");
    bob.insert(0, "a -> b");
    const bot = run("json-bot.mjs", [address.replace("http", "ws"), "minutes"]);
    await reads(bob, "a → b");
    for (let round = 0; round < 20; round++) {
      bob.insert(bob.length, "-> ");
      bob.insert(0, "😀 ");
    }
    await reads(bob, `${"😀 ".repeat(20)}a → b${"→ ".repeat(20)}`);
    expect(bot.output).toBe("");
  });

  it("a server that was there already serves its page and documents on one port, to whom it knows", async () => {
    const own = run("embedding.mjs", [], { PORT: "0" });
    const [, where] = await own.says(/listening on (\S+)/);
    expect(await (await fetch(where!)).text()).toBe("The welcome reads: hello\n");
    const ann = open(where!, "welcome", "ann-has-logged-in");
    await reads(ann, "hello");
    ann.insert(5, " there");
    await ann.whenSaved();
    expect(await (await fetch(where!)).text()).toBe("The welcome reads: hello there\n");
    expect((await fetch(`${where}/api/v1/documents/welcome`)).status).toBe(401);
    own.signal("SIGTERM");
    expect(await own.ended()).toBe(0);
  });

  describe("the importer of Yjs documents", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "motet-yjs-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    function saved(fill: (text: Y.Text) => void): string {
      const doc = new Y.Doc();
      fill(doc.getText("body"));
      const file = join(folder, "update");
      writeFileSync(file, Y.encodeStateAsUpdate(doc));
      return file;
    }

    it("brings a Y.Text over, with a title, and says what stays behind", async () => {
      const file = saved((text) => {
        text.insert(0, "hello world");
        text.delete(0, 1);
        text.insert(0, "H");
        text.format(0, 5, { bold: true });
        text.insertEmbed(5, { image: "a.png" });
      });
      const importer = run("import-yjs.mjs", [file, "body", address, "old", "Old minutes"]);
      expect(await importer.ended()).toBe(0);
      expect(importer.output).toContain("2 formats and embedded objects left behind");
      expect(await server.document("old").read()).toMatchObject({
        text: "Hello world",
        title: "Old minutes",
      });
    });

    it("brings a text over that is longer than a request, every character whole", async () => {
      const text = `x${"😀".repeat(15_000)}end`;
      const file = saved((body) => body.insert(0, text));
      const importer = run("import-yjs.mjs", [file, "body", address, "long"]);
      expect(await importer.ended()).toBe(0);
      expect(await textOf("long")).toBe(text);
    });

    it("refuses a document that is there already, and a text that is not in the file", async () => {
      const file = saved((text) => text.insert(0, "new"));
      await server.document("taken").create([{ type: "insert", position: 0, text: "old" }]);
      const taken = run("import-yjs.mjs", [file, "body", address, "taken"]);
      expect(await taken.ended()).toBe(1);
      expect(taken.output).toContain("EXISTS");
      expect(await textOf("taken")).toBe("old");
      const missing = run("import-yjs.mjs", [file, "title", address, "fresh"]);
      expect(await missing.ended()).toBe(1);
      expect(missing.output).toContain('no "title" in it, but body');
    });
  });
});
