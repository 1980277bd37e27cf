#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CollaborativeServer } from "./collaborative-server.js";
import { type Command, type Config, helpText, readCommand } from "./config.js";

/** How long a shutdown may take before the process ends regardless, in milliseconds. */
const SHUTDOWN_MS = 10_000;

/** Exit status for a command line that makes no sense, as shells use it. */
const USAGE = 2;

main();

function main(): void {
  const command = readOrExplain();
  switch (command?.kind) {
    case "help":
      process.stdout.write(helpText());
      return;
    case "version":
      process.stdout.write(`${version()}\n`);
      return;
    case "serve":
      serve(command.config).catch(fail);
  }
}

function readOrExplain(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${sentence(error)}\nTry --help.\n`);
    process.exitCode = USAGE;
    return undefined;
  }
}

async function serve(config: Config): Promise<void> {
  const server = new CollaborativeServer({
    host: config.host,
    port: config.port,
    limits: { heartbeatTimeoutMs: config.heartbeatTimeoutSeconds * 1_000 },
    onDefect: (error) => process.stderr.write(`${stack(error)}\n`),
  });
  stopOnSignal(server);
  const address = await server.listen();
  process.stdout.write(`Motet listens on ${address}\n`);
  if (!isLoopback(config.host)) {
    process.stderr.write(
      "Whoever can reach this address may edit every document: there is no authentication.\n",
    );
  }
}

/** The first signal drains the server; later ones change nothing. What hangs is cut off at the deadline, with status 1. */
function stopOnSignal(server: CollaborativeServer): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`Not everything could be finished within ${SHUTDOWN_MS / 1_000} s.\n`);
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    server.close().then(() => process.exit(0), fail);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"]) process.on(signal, stop);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

function fail(error: unknown): void {
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
