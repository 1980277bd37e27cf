import { afterEach } from "vitest";
import { ServerProcess } from "./server-process.js";

const running: ServerProcess[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.kill();
});

/** A server process that the end of the test ends, however the test does. */
export function runServer(...args: ConstructorParameters<typeof ServerProcess>): ServerProcess {
  const server = new ServerProcess(...args);
  running.push(server);
  return server;
}
