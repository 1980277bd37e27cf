import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { bundle } from "@motet/services";

const PAGE = '<!doctype html><meta charset="utf-8"><textarea></textarea><script src="/page.js"></script>';

/** Serves the page and its program, from an origin of its own: whatever becomes of Motet's server, the page loads. */
export class PageServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PageServer> {
    const here = fileURLToPath(new URL(".", import.meta.url));
    const program = await bundle(readFileSync(`${here}page.ts`, "utf8"), here);
    const server = createServer(({ url }, response) => {
      const isProgram = url === "/page.js";
      response.setHeader("content-type", isProgram ? "text/javascript" : "text/html");
      response.end(isProgram ? program : PAGE);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new PageServer(server);
  }

  /** What the browser says of where the page comes from. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }
}
