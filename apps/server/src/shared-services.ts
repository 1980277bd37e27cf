import type { DocumentStore } from "@motet/document";
import type { Fanout } from "@motet/transport";
import type { Config } from "./config.js";
import { openDataFolder } from "./data-folder.js";

// What only servers of a cluster need is loaded only there: a client of a database is several megabytes of memory.

/** Where documents are kept; `undefined` for memory alone. @throws {DocumentError} what opening it throws. */
export async function storeOf({
  data,
  store: url,
  storeSurvives: survives,
}: Config): Promise<DocumentStore | undefined> {
  if (url !== undefined) {
    const { PostgresDocumentStore } = await import("@motet/storage-postgres");
    return PostgresDocumentStore.open({ url, survives });
  }
  return data === undefined ? undefined : openDataFolder(data);
}

/** How servers tell each other what is new; `undefined` for a server on its own. @throws {FanoutError} what makes no sense. */
export async function fanoutOf(config: Config): Promise<Fanout | undefined> {
  const { fanout: url, fanoutCluster: cluster, fanoutSecret: secret, fanoutTrusted: trustsNetwork } = config;
  if (url === undefined) return undefined;
  const { RedisFanout } = await import("@motet/fanout-redis");
  return new RedisFanout({ url, cluster, trustsNetwork, ...(secret !== undefined && { secret }) });
}
