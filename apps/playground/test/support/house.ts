import { type DocumentLimits, MemoryDocumentStore } from "@motet/document";
import type * as ServerPackage from "../../../server/src/index.js";

// The server's package has this page inside, so a dependency on it would be a circle.
const BUILT = new URL("../../../server/dist/index.js", import.meta.url).href;
const { CollaborativeServer, playgroundFolder, TokenList } = (await import(BUILT)) as typeof ServerPackage;

/** In what a server differs from one that lets everybody do everything. */
export interface HouseOptions {
  /** A file of tokens, in JSON. */
  readonly tokens?: string;
  readonly documentLimits?: Partial<DocumentLimits>;
}

/** The server as it is shipped, with the page inside; it can go away and come back, and time can be made to pass for it. */
export class House {
  readonly #store = new MemoryDocumentStore();
  readonly #options: HouseOptions;
  #server: ServerPackage.CollaborativeServer | undefined;
  #aheadMs = 0;
  #address = "";

  constructor(options: HouseOptions = {}) {
    this.#options = options;
  }

  /** Such as `http://127.0.0.1:41234`; the same after each start. */
  get address(): string {
    return this.#address;
  }

  async start(): Promise<void> {
    const { tokens, documentLimits } = this.#options;
    this.#server = new CollaborativeServer({
      port: this.#address === "" ? 0 : Number(new URL(this.#address).port),
      store: this.#store,
      playground: playgroundFolder,
      clock: {
        wallMs: () => Date.now() + this.#aheadMs,
        monotonicMs: () => performance.now() + this.#aheadMs,
      },
      ...(documentLimits && { documentLimits }),
      ...(tokens !== undefined && { authenticator: TokenList.parse(tokens, "tokens.json") }),
    });
    this.#address = await this.#server.listen();
  }

  /** Lets time pass, as the server sees it. */
  pass(byMs: number): void {
    this.#aheadMs += byMs;
    this.#server?.tick();
  }

  /** What the server has of a document. */
  async textOf(document: string): Promise<string> {
    const headers = { accept: "text/plain" };
    return (await fetch(`${this.#address}/api/v1/documents/${document}`, { headers })).text();
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }
}
