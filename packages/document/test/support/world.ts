import { type ReplicaId, replicaId } from "@motet/crdt-core";
import {
  type Commit,
  type DocumentError,
  type DocumentKey,
  type DocumentLimits,
  DocumentManager,
  type DocumentStore,
  documentId,
  documentKey,
  MemoryDocumentStore,
  type OtherNodes,
  tenantId,
  type UserId,
  userId,
} from "../../src/index.js";

export const novel: DocumentKey = documentKey(tenantId("acme"), documentId("novel"));
export const [ann, bob]: readonly [UserId, UserId] = [userId("ann"), userId("bob")];

/** A server's documents over a store, with everything that they let out. */
export interface World {
  readonly store: DocumentStore;
  readonly manager: DocumentManager;
  readonly published: Commit[];
  readonly deleted: DocumentKey[];
  readonly refused: { readonly commits: readonly Commit[]; readonly error: DocumentError }[];
}

/** A manager over `store`. Replica ids count up, so that a run repeats exactly. */
export function world(
  store: DocumentStore = new MemoryDocumentStore(),
  limits: Partial<DocumentLimits> = {},
  names = "server",
  others?: OtherNodes,
): World {
  let drawn = 0;
  const newReplicaId = (): ReplicaId => replicaId(`${names}-${++drawn}`);
  const published: Commit[] = [];
  const deleted: DocumentKey[] = [];
  const refused: { commits: readonly Commit[]; error: DocumentError }[] = [];
  const manager = new DocumentManager({
    store,
    newReplicaId,
    limits,
    ...(others && { others }),
    published: (_, commits) => published.push(...commits),
    deleted: (id) => deleted.push(id),
    refused: (_, commits, error) => refused.push({ commits, error }),
  });
  return { store, manager, published, deleted, refused };
}

/** Resolves after everything that was due at the end of this turn of the event loop, and the microtasks behind it. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The `code` of the error that `work` ends in; "none" if it does not. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
