import type { Random } from "@motet/testing";

/** What a disk writes as a whole, in bytes. */
const SECTOR = 512;

interface File {
  /** What programs read: every write so far. */
  written: Uint8Array;
  /** What the plates hold. */
  synced: Uint8Array;
  /** Whether the folder's entry for it is on the plates. */
  isNamed: boolean;
}

/**
 * A disk whose power can fail. What was not synced is then lost, or not, sector by sector, whatever the order in which it was
 * written; a file whose name was not synced may be gone. Syncs are done when the test says so, and cover what was written before they were asked for.
 */
export class SimulatedDisk {
  readonly #files = new Map<string, File>();
  readonly #syncs: (() => void)[] = [];

  /** Names of all files. */
  get names(): readonly string[] {
    return [...this.#files.keys()];
  }

  read(name: string): Uint8Array {
    return this.#files.get(name)?.written ?? new Uint8Array();
  }

  /** Writes behind what is there. */
  append(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? {
      written: new Uint8Array(),
      synced: new Uint8Array(),
      isNamed: false,
    };
    this.#files.set(name, file);
    file.written = joined(file.written, bytes);
  }

  /** Cuts a file, at once and for good: only ever done on starting, before anything is promised. */
  truncate(name: string, length: number): void {
    const file = this.#files.get(name)!;
    file.written = file.written.slice(0, length);
    file.synced = file.written;
  }

  /** Resolves when what has been written to the file, and its name, are on the plates. Never, if the power fails first. */
  sync(name: string): Promise<void> {
    const file = this.#files.get(name)!;
    const { written } = file;
    return new Promise((resolve) => {
      this.#syncs.push(() => {
        if (written.length > file.synced.length) file.synced = written;
        file.isNamed = true;
        resolve();
      });
    });
  }

  /** Completes the sync that has waited longest. */
  completeSync(): void {
    this.#syncs.shift()?.();
  }

  /** The power fails: what the disk holds when it comes back. Programs that ran before go on with the old one, and reach nobody. */
  crashed(rng: Random): SimulatedDisk {
    const disk = new SimulatedDisk();
    for (const [name, file] of this.#files) {
      if (file.isNamed || rng.int(2) === 0) disk.#files.set(name, surviving(file, rng));
    }
    return disk;
  }
}

/** Of each sector that was not synced, the whole or nothing; a hole before one that was written reads as zeros. */
function surviving({ written, synced }: File, rng: Random): File {
  const plates = new Uint8Array(written.length);
  plates.set(synced);
  let end = synced.length;
  for (let at = synced.length - (synced.length % SECTOR); at < written.length; at += SECTOR) {
    if (rng.int(2) === 0) continue;
    const sector = written.subarray(at, at + SECTOR);
    plates.set(sector, at);
    end = Math.max(end, at + sector.length);
  }
  const kept = plates.slice(0, end);
  return { written: kept, synced: kept, isNamed: true };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
