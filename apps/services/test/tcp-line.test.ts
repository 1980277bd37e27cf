import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { freePort, TcpLine } from "../src/index.js";

/** A service that says back what it hears, and keeps it. */
async function echo(): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      heard.push(`${chunk}`);
      socket.write(chunk);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port, heard };
}

async function call(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** `once` would throw the reset that comes before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

it("lets what is said through in both directions, until it is cut", async () => {
  const line = await TcpLine.to((await echo()).port);
  onTestFinished(() => line.close());
  const socket = await call(line.port);
  socket.write("hello");
  expect(`${(await once(socket, "data"))[0]}`).toBe("hello");
  line.cut();
  await closed(socket);
});

it("cuts between a call and its answer", async () => {
  const { port, heard } = await echo();
  const line = await TcpLine.to(port, { cutsAnswerTo: (chunk) => chunk.includes("commit") });
  onTestFinished(() => line.close());
  const socket = await call(line.port);
  const answers: string[] = [];
  socket.on("data", (chunk) => answers.push(`${chunk}`));
  socket.write("commit");
  await closed(socket);
  expect([heard, answers]).toEqual([["commit"], []]);
});

it("lets nobody through while it is severed, and everybody once it is mended", async () => {
  const line = await TcpLine.to((await echo()).port);
  onTestFinished(() => line.close());
  await line.sever();
  const refused = connect(line.port, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [{ code: string }];
  expect(error.code).toBe("ECONNREFUSED");
  await line.mend();
  (await call(line.port)).destroy();
});
