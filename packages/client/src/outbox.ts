import { mergeUpdates, type OperationRange, type ReplicaId, Update, VersionVector } from "@motet/crdt-core";

/** Operations made here, as they travel: never rewritten on the way. */
export interface Piece {
  readonly update: Uint8Array;
  readonly ranges: readonly OperationRange[];
}

/** Of one replica that writes here: its operations in (floor, made] are in the outbox or were. */
interface Stretch {
  readonly floor: number;
  readonly made: number;
}

/** `update` as a piece. @throws {CrdtError} when it is none. */
export function pieceOf(update: Uint8Array): Piece {
  return { update, ranges: Update.decode(update).ranges };
}

/**
 * Operations made here that the server has not acknowledged, in the order in which they were made. What is saved is
 * read off sequence numbers, so that losing, repeating or reordering acknowledgements changes nothing.
 */
export class Outbox {
  #pieces: Piece[] = [];
  /** The pieces of the one frame that is on its way. */
  #sent: readonly Piece[] = [];
  readonly #stretches = new Map<ReplicaId, Stretch>();
  #known = new VersionVector();

  /** What is not acknowledged, oldest first. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** How many operations are not acknowledged. Cost: O(replicas that write here). */
  get unsaved(): number {
    let count = 0;
    for (const [replica, { floor, made }] of this.#stretches) {
      count += Math.max(0, made - Math.max(floor, this.#known.get(replica)));
    }
    return count;
  }

  /** What the server is known to have. */
  get known(): VersionVector {
    return this.#known.copy();
  }

  /** Everything that was ever put in here and not taken out as refused. */
  get made(): VersionVector {
    const entries = [...this.#stretches].map(([replica, { made }]) => [replica, made] as const);
    return new VersionVector(entries.filter(([, made]) => made > 0));
  }

  /** Whether the server has acknowledged what is in `target`. */
  hasAcknowledged(target: VersionVector): boolean {
    return [...target].every(([replica, seq]) => {
      const floor = this.#stretches.get(replica)?.floor ?? 0;
      return seq <= Math.max(floor, this.#known.get(replica));
    });
  }

  add(piece: Piece): void {
    this.#pieces.push(piece);
    this.#note(piece);
  }

  /** Puts a piece before all others: what they hold may depend on it. */
  addFirst(piece: Piece): void {
    this.#pieces.unshift(piece);
    this.#note(piece);
  }

  #note({ ranges }: Piece): void {
    for (const { replica, from, to } of ranges) {
      const { floor, made } = this.#stretches.get(replica) ?? { floor: from - 1, made: 0 };
      this.#stretches.set(replica, { floor: Math.min(floor, from - 1), made: Math.max(made, to) });
    }
  }

  /** The server has everything in `vector`. What was on its way may have arrived with that. */
  acknowledge(vector: VersionVector): void {
    this.#known.merge(vector);
    this.#dropKnown();
  }

  /** A new line: nothing is on its way, and the server has what `vector` says, no more. */
  restart(vector: VersionVector): void {
    this.#known = vector.copy();
    this.#sent = [];
    this.#dropKnown();
  }

  /**
   * The next frame's operations, at most `bytesMax` bytes unless a single piece is more; `undefined` while a frame is on
   * its way, which is when edits are put together, and when there is nothing to send.
   */
  next(bytesMax: number): Uint8Array | undefined {
    if (this.#sent.length > 0 || this.#pieces.length === 0) return undefined;
    const pieces = firstOf(this.#pieces, bytesMax);
    this.#sent = pieces;
    return merged(pieces);
  }

  /** Takes out what was refused, and everything made after it, as that may depend on it. Empty when it is not here. */
  cut(replica: ReplicaId, seq: number): readonly Piece[] {
    const at = this.#pieces.findIndex(({ ranges }) =>
      ranges.some((range) => range.replica === replica && range.to >= seq),
    );
    return at < 0 ? [] : this.takeFrom(at);
  }

  /** Takes out the piece at `index` and all that follow. */
  takeFrom(index: number): readonly Piece[] {
    const refused = this.#pieces.splice(index);
    this.#sent = [];
    for (const { ranges } of refused) for (const range of ranges) this.#shorten(range);
    return refused;
  }

  /** Puts neighbours together, up to `bytesMax` bytes: many small pieces cost more than they hold. */
  bundle(bytesMax: number): void {
    const rest = this.#pieces.slice(this.#sent.length);
    const bundles: Piece[] = [];
    while (rest.length > 0) {
      const pieces = rest.splice(0, firstOf(rest, bytesMax).length);
      bundles.push(pieces.length === 1 ? pieces[0]! : pieceOf(merged(pieces)));
    }
    this.#pieces = [...this.#sent, ...bundles];
  }

  #shorten({ replica, from }: OperationRange): void {
    const stretch = this.#stretches.get(replica);
    if (stretch === undefined) return;
    this.#stretches.set(replica, { ...stretch, made: Math.min(stretch.made, from - 1) });
  }

  #dropKnown(): void {
    const isPending = ({ ranges }: Piece) => ranges.some(({ replica, to }) => to > this.#known.get(replica));
    this.#pieces = this.#pieces.filter(isPending);
    this.#sent = this.#sent.filter(isPending);
  }
}

/** As many pieces from the front as fit, at least one. */
function firstOf(pieces: readonly Piece[], bytesMax: number): readonly Piece[] {
  let [count, bytes] = [0, 0];
  for (const { update } of pieces) {
    bytes += update.length;
    if (count > 0 && bytes > bytesMax) break;
    count++;
  }
  return pieces.slice(0, count);
}

function merged(pieces: readonly Piece[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]!.update : mergeUpdates(pieces.map(({ update }) => update));
}
