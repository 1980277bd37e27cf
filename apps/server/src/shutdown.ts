import type { DocumentStore } from "@motet/document";
import type { CollaborativeServer } from "./collaborative-server.js";

/** What a shutdown works with. */
export interface ShutdownOptions {
  readonly server: CollaborativeServer;
  readonly store: DocumentStore | undefined;
  /** Resolves once the self-test, which uses the store as well, is over. */
  readonly tested: Promise<unknown>;
  /** Whether SIGHUP, from a terminal that closes, ends it as well: it means something else where there are files to read again. */
  readonly endsOnHangup: boolean;
  /** Longest that it may take, in milliseconds. */
  readonly shutdownMs: number;
  /** Tells whoever runs the server a line. */
  readonly complain: (line: string) => void;
}

/** Signals that end the server. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

/**
 * The first signal drains the server, later ones change nothing, and the process ends with status 0. At the deadline it ends as well: killed,
 * with the names of the documents whose changes were never acknowledged; with 0 when there are none, whoever does not hang up.
 * @returns whether it has begun to stop: a server that is about to start does not start then.
 */
export function stopOnSignal(options: ShutdownOptions): { readonly hasBegun: boolean } {
  const stopping = { hasBegun: false };
  const stop = () => {
    if (stopping.hasBegun) return;
    stopping.hasBegun = true;
    setTimeout(() => force(options), options.shutdownMs).unref();
    void finish(options).then((status) => process.exit(status));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  if (options.endsOnHangup) process.on("SIGHUP", stop);
  return stopping;
}

async function finish({ server, store, tested, complain }: ShutdownOptions): Promise<number> {
  try {
    await tested;
    await server.close();
    await store?.close();
    return 0;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function force({ server, shutdownMs, complain }: ShutdownOptions): void {
  const unsaved = server.unsaved();
  if (unsaved.length === 0) process.exit(0);
  complain(
    `Not everything could be finished within ${shutdownMs / 1_000} s. Not saved, and acknowledged to nobody:`,
  );
  for (const { document, bytes } of unsaved) complain(`  document ${document}: ${bytes} bytes of changes`);
  process.kill(process.pid, "SIGKILL"); // An exit would wait for threads, and they for the disk.
}
