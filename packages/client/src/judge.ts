import type { ReplicaId } from "@motet/crdt-core";
import type { LoggedOperation } from "@motet/document";
import type { Refusal } from "./refusal.js";

/** Refusals without an acknowledgement between them, after which everything is given back: the server wants nothing. */
const REFUSALS_MAX = 3;

/** What is right under another id or with another stamp; everything else that is refused is given back. */
const CURABLE: ReadonlySet<string> = new Set(["CLOCK_AHEAD", "CONFLICT", "REPLICA_TAKEN", "REPLICA_REFUSED"]);

/** Says of operations that cannot be delivered as they are whether they are done again or given back. */
export class Judge {
  readonly #refusal: Refusal;
  readonly #refusals: number;
  readonly #ours: ReadonlySet<ReplicaId>;
  #hasTakenOurs = false;

  /** @param refusals How many there were in a row. @param ours The ids under which operations were made here. */
  constructor(refusal: Refusal, refusals: number, ours: ReadonlySet<ReplicaId>) {
    this.#refusal = refusal;
    this.#refusals = refusals;
    this.#ours = ours;
  }

  /** Whether something that was made here was given back. */
  get hasTakenOurs(): boolean {
    return this.#hasTakenOurs;
  }

  /** Whether an operation is given back. */
  isGivenBack(logged: LoggedOperation): boolean {
    if (!this.#ours.has(logged.id.replica)) return true; // Each who has it would do it again.
    const isGivenBack = !this.#isAboutOurs || this.#refusals >= REFUSALS_MAX || this.#isIncurable(logged);
    this.#hasTakenOurs ||= isGivenBack;
    return isGivenBack;
  }

  /** Where it is not, ours depends on what others still may bring, and it then with it. */
  get #isAboutOurs(): boolean {
    return this.#ours.has(this.#refusal.first.replica);
  }

  #isIncurable({ id, length }: LoggedOperation): boolean {
    const { code, first } = this.#refusal;
    if (CURABLE.has(code)) return false;
    return id.replica === first.replica && id.seq <= first.seq && first.seq < id.seq + length;
  }
}
