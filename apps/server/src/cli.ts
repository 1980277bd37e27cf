import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { tenantId } from "@motet/document";
import { authenticatorOf } from "./authentication.js";
import { checkStore } from "./check.js";
import { CollaborativeServer } from "./collaborative-server.js";
import { type Command, type Config, configText, helpText, readCommand } from "./config.js";
import { openDataFolder } from "./data-folder.js";
import { ServerError } from "./errors.js";
import { EventLog } from "./event-log.js";
import { loggerOf } from "./logger.js";
import { isLoopback } from "./loopback.js";
import { playgroundFolder } from "./playground-folder.js";
import { selfTest } from "./self-test.js";
import { fanoutOf, storeOf } from "./shared-services.js";
import { stopOnSignal } from "./shutdown.js";
import { readTlsFiles } from "./tls-files.js";
import { readWebhooks } from "./webhooks/webhook-file.js";

/** Exit status for a command line that makes no sense, as shells use it. */
const USAGE = 2;

/** How often the log tells of lines that it left out, in milliseconds. */
const LOG_ROUND_MS = 1_000;

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
    case "print-config":
      process.stdout.write(configText(command.config));
      return;
    case "check":
    case "repair":
      check(command.config, command.kind === "repair").catch(fail);
      return;
    case "serve":
      serve(command.config).catch(fail);
  }
}

/** Ends with 1 when something is wrong still. */
async function check({ data }: Config, mayRepair: boolean): Promise<void> {
  if (data === undefined) throw new ServerError("BAD_CONFIG", "There is nothing to check in memory.");
  const store = await openDataFolder(data);
  const wrong = await checkStore({
    store,
    nowMs: Date.now(),
    ...(mayRepair && { logsFolder: `${resolve(data)}-repaired` }),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  await store.close();
  process.stdout.write(wrong === 0 ? "All documents are well.\n" : `Documents that need a hand: ${wrong}\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
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
  const authenticator = await authenticatorOf(config);
  const tls = await readTlsFiles(config);
  const log = new EventLog(loggerOf(config), () => performance.now());
  const store = await storeOf(config);
  const fanout = await fanoutOf(config);
  const server = new CollaborativeServer({
    host: config.host,
    port: config.port,
    ...(store && { store }),
    ...(fanout && { fanout }),
    tenant: tenantId(config.tenant),
    authenticator,
    ...(tls && { tls }),
    ...(config.origins && { origins: config.origins }),
    ...(!config.noPlayground && { playground: playgroundFolder }),
    limits: config.limits,
    documentLimits: config.documentLimits,
    onEvent: log.hear,
    ...administration(config),
    webhooks: {
      endpoints: config.webhooks === undefined ? [] : await readWebhooks(config.webhooks),
      intervalMs: config.webhookIntervalMs,
    },
  });
  setInterval(() => log.tend(), LOG_ROUND_MS).unref();
  const { shutdownMs } = config;
  const tested = config.noSelfTest ? Promise.resolve(undefined) : selfTest(store);
  const stop = stopOnSignal({ server, store, tested, shutdownMs, complain, endsOnHangup: tls === undefined });
  const wrong = await tested;
  if (stop.hasBegun) return;
  if (wrong !== undefined) complain(`${wrong} Motet starts all the same.`);
  if (tls !== undefined) process.on("SIGHUP", () => void renewTls(server, config));
  const address = await server.listen();
  process.stdout.write(`Motet listens on ${address}\n${whereDocumentsAre(config)}\n`);
  if (server.adminAddress !== undefined)
    process.stdout.write(`Administrators see it at ${server.adminAddress}/admin/\n`);
  if (!isLoopback(config.host) && config.auth === "none") {
    complain("Whoever can reach this address may edit every document: there is no authentication.");
  }
}

/** New connections are shown the files as they are now; where these cannot be used, those of before. */
async function renewTls(server: CollaborativeServer, config: Config): Promise<void> {
  try {
    const tls = await readTlsFiles(config);
    if (tls !== undefined) server.renewTls(tls);
    process.stdout.write("The TLS certificate was read again.\n");
  } catch (error) {
    complain(`The TLS certificate stays as it was: ${sentence(error)}`);
  }
}

function administration({ adminPort, adminHost, adminToken }: Config) {
  return {
    ...(adminPort !== undefined && { adminAddress: { host: adminHost, port: adminPort } }),
    ...(adminToken !== undefined && { adminToken }),
  };
}

function whereDocumentsAre({ data, store }: Config): string {
  if (store !== undefined) return `Documents are kept in the database at ${new URL(store).host}`;
  return data === undefined
    ? "Documents are kept in memory and are gone when the server stops."
    : `Documents are kept in ${resolve(data)}`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

function fail(error: unknown): void {
  complain(sentence(error));
  process.exit(1);
}

/** One line for whoever runs the server. */
function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
