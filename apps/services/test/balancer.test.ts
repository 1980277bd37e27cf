import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Balancer, freePort } from "../src/index.js";

/** A server that says its name, and that it is ready for as long as it is. */
async function server(name: string) {
  const one = { isReady: true, isMute: false };
  const http = createServer(({ url }, answer) => {
    if (one.isMute) return;
    answer.statusCode = url === "/ready" && !one.isReady ? 503 : 200;
    answer.end(name);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const close = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  onTestFinished(() => void close());
  return Object.assign(one, { address: `http://127.0.0.1:${port}`, close });
}

async function world() {
  const servers = await Promise.all(["a", "b"].map(server));
  const balancer = await Balancer.over(servers.map(({ address }) => address));
  onTestFinished(() => balancer.close());
  const ask = async () => {
    const answer = await fetch(balancer.address, { headers: { connection: "close" } });
    return answer.text();
  };
  return { balancer, ask, a: servers[0]!, b: servers[1]! };
}

it("sends each new connection to where the fewest are", async () => {
  const { balancer, ask } = await world();
  const socket = connect(balancer.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("GET / HTTP/1.1\r\nhost: one\r\n\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  const other = `${answer}`.endsWith("a") ? "b" : "a";
  expect([await ask(), await ask()]).toEqual([other, other]);
});

it("sends nobody to a server that drains, and leaves it whom it has", async () => {
  const { balancer, ask, a } = await world();
  const socket = connect(balancer.port, "127.0.0.1");
  await once(socket, "connect");
  a.isReady = false;
  await balancer.until(a.address, false);
  expect([await ask(), await ask(), await ask()]).toEqual(["b", "b", "b"]);
  expect(socket.destroyed).toBe(false);
  a.isReady = true;
  await balancer.until(a.address, true);
  socket.destroy();
});

it("finds another server for who comes to one that has just gone", async () => {
  const { ask, a } = await world();
  await a.close();
  expect([await ask(), await ask()]).toEqual(["b", "b"]);
});

it("cuts off everybody at a server that answers nothing any more", async () => {
  const { balancer, a, b } = await world();
  a.isMute = true;
  b.isReady = false;
  await balancer.until(b.address, false);
  const socket = connect(balancer.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await balancer.until(a.address, false);
  if (!socket.destroyed) await once(socket, "close");
  expect(socket.destroyed).toBe(true);
});
