import { compareReplicaIds, type ReplicaId } from "../ids.js";
import { RowJoiner } from "./row-joiner.js";
import { RowMerger } from "./row-merger.js";
import { ownerOf, type RowStretch } from "./row-source.js";
import { Update } from "./update.js";
import { UpdateReader } from "./update-reader.js";

/**
 * One update that holds what any of `updates` holds, without a document: for stores and relays. The order does not
 * matter, duplicates are dropped, and characters that one of them left out are taken from another.
 * Cost: O(bytes), and O(n log n) in the stretches, whatever they say.
 * @throws {CrdtError} as `Update.decode` does, and `CONFLICT` when two of them give one id to different operations.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const scan = new Scan();
  for (const update of updates) scan.add(update);
  const names = scan.order();
  const joiner = new RowJoiner();
  new RowMerger(scan.sorted(), joiner).run();
  return joiner.encode(names);
}

/** Reads and checks many updates, and finds the stretches in them. */
class Scan {
  readonly #reader = new UpdateReader();
  readonly #stretches: RowStretch[] = [];
  /** Each table of names, and what its replicas are called: their places in the list of all, as soon as that is made. */
  readonly #tables: { readonly table: readonly ReplicaId[]; readonly names: number[] }[] = [];
  /** The last stretch, if it is of the layout of one replica, and the seq behind it. */
  #typed: RowStretch | undefined;
  #end = 0;

  /** @throws {CrdtError} as `Update.decode` does. */
  add(update: Uint8Array): void {
    const reader = this.#reader.open(Update.isState(update) ? Update.read(update).bytesById : update);
    if (this.#tables.at(-1)?.table !== reader.table.names)
      this.#tables.push({ table: reader.table.names, names: [] });
    while (reader.nextStretch()) {
      const isTyped = this.#typed !== undefined && reader.table.isOwn && reader.rows.next === this.#end;
      if (isTyped && this.#typed?.names === this.#tables.at(-1)?.names)
        this.#typed!.updates.push(reader.bytes);
      else this.#typed = this.#begin();
      reader.checkStretch();
      this.#end = reader.rows.next;
    }
    reader.end();
  }

  /** The replicas that the updates name, in ascending order. */
  order(): ReplicaId[] {
    const all = [...new Set(this.#tables.flatMap(({ table }) => table))].sort(compareReplicaIds);
    const places = new Map(all.map((name, place) => [name, place]));
    for (const { table, names } of this.#tables) for (const name of table) names.push(places.get(name)!);
    return all;
  }

  /** The stretches, in ascending order of replicas and seqs, after `order`. */
  sorted(): readonly RowStretch[] {
    return this.#stretches.sort((a, b) => ownerOf(a) - ownerOf(b) || a.seq - b.seq);
  }

  /** Notes the stretch that the reader has begun. Returns it if another update may go on from it. */
  #begin(): RowStretch | undefined {
    const { bytes, reader, rows, table } = this.#reader;
    const { own, next: seq, rowsLeft } = rows;
    const { names } = this.#tables.at(-1)!;
    const stretch = { updates: [bytes], at: reader.position, rows: rowsLeft, names, own, seq };
    this.#stretches.push(stretch);
    return table.isOwn ? stretch : undefined;
  }
}
