import { Cluster, Redis } from "ioredis";
import { FanoutError } from "./errors.js";

/** What a line to Redis can do for a fan-out, on one server and in a cluster alike. */
export interface RedisLines {
  /** Hears of messages, and of lines that come and go. */
  readonly subscriber: Redis | Cluster;
  readonly publisher: Redis | Cluster;
  /** The names of the commands and of the event: in a cluster a channel belongs to a shard, and only that one carries it. */
  readonly words: {
    readonly subscribe: string;
    readonly unsubscribe: string;
    readonly publish: string;
    readonly event: string;
  };
}

const PLAIN = {
  subscribe: "subscribe",
  unsubscribe: "unsubscribe",
  publish: "publish",
  event: "messageBuffer",
};
const SHARDED = {
  subscribe: "ssubscribe",
  unsubscribe: "sunsubscribe",
  publish: "spublish",
  event: "smessageBuffer",
};

/** How lines behave, on one server and in a cluster alike. */
interface LineOptions {
  readonly lazyConnect: boolean;
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number;
  readonly autoResubscribe: boolean;
  readonly connectTimeout: number;
  readonly keepAlive: number;
  readonly commandTimeout: number;
}

const RETRY_MAX_MS = 1_000;

/** Full jitter below a ceiling that doubles, so that many nodes do not come back at once. */
const retryMs = (attempt: number): number => 20 + Math.random() * Math.min(RETRY_MAX_MS, 50 * 2 ** attempt);

/**
 * Lines to the Redis at `url`, not yet connected.
 * @throws {FanoutError} `BAD_URL`.
 */
export function redisLines(url: string, isCluster: boolean): RedisLines {
  if (!/^rediss?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new FanoutError("BAD_URL", "the address of Redis begins with redis:// or rediss://");
  }
  const options: LineOptions = {
    lazyConnect: true,
    // Whoever is not heard now is not waited for: messages are hints, and a queue of old ones would be worth nothing.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    commandTimeout: 2_000,
  };
  if (!isCluster) {
    const open = () => new Redis(url, { ...options, retryStrategy: retryMs });
    return { subscriber: open(), publisher: open(), words: PLAIN };
  }
  return { subscriber: cluster(url, options, true), publisher: cluster(url, options, false), words: SHARDED };
}

function cluster(url: string, options: LineOptions, shardedSubscribers: boolean): Cluster {
  const { username, password, protocol } = new URL(url);
  const { lazyConnect, enableOfflineQueue, ...each } = options;
  return new Cluster([url], {
    lazyConnect,
    enableOfflineQueue,
    shardedSubscribers,
    clusterRetryStrategy: retryMs,
    redisOptions: {
      ...each,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" && { tls: {} }),
    },
  });
}
