import { ACCESS, type Access, type Operation, operationSchemas } from "@motet/document";
import { type ClientMessage, MessageCodec, type ServerMessage } from "@motet/transport";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallbackAuthenticator } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

/** What a message needs, and who is told what when it is let through. */
interface Row {
  readonly needs: Access;
  readonly fields: object;
  readonly told: "others" | "sender";
  readonly with: ServerMessage["type"];
}

const change = (fields: object): Row => ({ needs: "write", fields, told: "others", with: "changes" });
const shown = (type: ServerMessage["type"], fields: object): Row => ({
  ...{ needs: "read", fields, told: "others", with: type },
});
const answered = (type: ServerMessage["type"], fields: object): Row => ({
  ...{ needs: "read", fields, told: "sender", with: type },
});

/** Every message that a client may send. A type that has no row here does not compile, and fails below as well. */
const ROWS: Readonly<Record<ClientMessage<Operation>["type"], Row>> = {
  join: answered("state", {}),
  refresh: answered("rights", { token: "" }),
  heartbeat: answered("heartbeat", {}),
  cursor_move: shown("presence_update", { line: 0, column: 0 }),
  selection: shown("presence_update", { head: { element: null, side: "left" } }),
  presence_update: shown("presence_update", { status: "away" }),
  broadcast: shown("broadcast", { payload: "hello" }),
  insert: change({ position: 0, text: "x" }),
  delete: change({ position: 0, length: 1 }),
  set_title: change({ title: "x" }),
  increment_counter: change({ amount: 1 }),
  set_field: change({ field: "x", value: 1 }),
};

/** Tokens are rights: whoever shows one is called by it. But for the owner, who may do everything. */
const tokens = new CallbackAuthenticator(({ token = "" }) => ({
  user: token,
  rights: token === "owner" ? "admin" : (token as Access),
}));

let world: TestServer;
let owner: JsonClient;
let documents = 0;
beforeAll(async () => {
  world = await TestServer.start({ authenticator: tokens });
});
afterAll(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (access: Access | "owner", document: string) =>
  JsonClient.join(world.address, { user: access, token: access, document });

/** A document with a text, and its owner in it. */
async function newDocument(): Promise<string> {
  const document = `page-${++documents}`;
  owner = await join("owner", document);
  owner.insert(0, "some text");
  await owner.settle();
  return document;
}

it("has a row for every message that a client may send, and no other (D7)", () => {
  const codec = new MessageCodec<Operation>({ operations: operationSchemas() });
  expect(Object.keys(ROWS).toSorted()).toEqual([...codec.clientSchemas.keys()].toSorted());
});

describe.each(ACCESS)("somebody with the right %s", (access) => {
  const rows = Object.entries(ROWS).map(([type, row]) => {
    const may = ACCESS.indexOf(access) >= ACCESS.indexOf(row.needs);
    return { type, row, verdict: access === "none" ? "is not let in for" : may ? "may" : "may not" };
  });

  it.each(rows)("$verdict $type", async ({ type, row, verdict }) => {
    const document = await newDocument();
    const fields = type === "refresh" ? { token: access } : row.fields;
    if (verdict === "is not let in for") {
      const client = await JsonClient.connect(world.address, { document, user: access });
      client.send({ type: "join", token: access });
      client.send({ type, ...fields });
      expect(await client.ended()).toBe(4403);
      expect(client.received.map((message) => "code" in message && message.code)).toEqual(["FORBIDDEN"]);
      return;
    }
    const client = await join(access, document);
    const listener = row.told === "sender" ? client : owner;
    if (type !== "join") client.send({ type, id: 1, ...fields });
    await client.roundTrip();
    await owner.roundTrip();
    const refusals = client.errors.map(({ code, in_reply_to }) => [code, in_reply_to]);
    expect(refusals).toEqual(verdict === "may" ? [] : [["FORBIDDEN", 1]]);
    const told = () => listener.received.some((message) => message.type === row.with);
    if (verdict === "may") await listener.until(told);
    else expect(told()).toBe(false);
  });

  it.each(["update", "vector"] as const)("is answered on a binary %s by the same gate", async (frame) => {
    const document = await newDocument();
    const joining = { user: access, token: access, document, replica: `${access}-1` };
    if (access === "none") {
      await expect(ReplicaClient.join(world.address, joining)).rejects.toThrow(/4403/);
      return;
    }
    const replica = await ReplicaClient.join(world.address, joining);
    if (frame === "vector") {
      expect(replica.document.text).toBe("some text");
      return;
    }
    replica.insert(0, "x");
    if (access === "read") {
      expect(await replica.refusal()).toMatchObject({ code: "FORBIDDEN", in_reply_to: "update" });
      expect(owner.text).toBe("some text");
    } else {
      await replica.until(() => replica.acknowledged.total > 0);
    }
  });
});
