/** The memory of one loaded document, in a process that does nothing else. */
import { readFileSync } from "node:fs";
import type { Engine, Replica } from "../library.js";
import type { Measurements } from "../rows.js";

const BYTES_PER_MB = 1e6;

/**
 * Loads the file at `path`, makes one edit, and gives how much the process has grown. `external` holds what lies in buffers and the
 * linear memory of WASM; the file's own bytes count only if the library keeps them. A small document is loaded and edited
 * first, so that code is not counted as data.
 */
export async function measureMemory(engine: Engine, path: string): Promise<Measurements> {
  warmUp(engine);
  const before = await settledMemory();
  const replica = loadAndEdit(engine, path);
  const after = await settledMemory();
  if (replica.text().length === 0) throw new Error("the library loaded nothing");
  const inUse = (memory: NodeJS.MemoryUsage): number => memory.heapUsed + memory.external;
  return {
    memory: (inUse(after) - inUse(before)) / BYTES_PER_MB,
    memoryResident: (after.rss - before.rss) / BYTES_PER_MB,
  };
}

function loadAndEdit(engine: Engine, path: string): Replica {
  const replica = engine.load(readFileSync(path), 1);
  replica.edit(1, 0, "x");
  replica.takeUpdate();
  return replica;
}

function warmUp(engine: Engine): void {
  const small = engine.create(1, true);
  small.edit(0, 0, "small");
  const loaded = engine.load(small.save(), 2);
  loaded.edit(1, 0, "x");
  loaded.takeUpdate();
  loaded.text();
}

/** Memory once nothing collectable is left; finalizers get a turn in between. */
async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
}
