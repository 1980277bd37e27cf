import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";

/** What somebody may do with a document; each includes those before it. */
export const ACCESS = ["none", "read", "write", "admin"] as const;

/** One of {@link ACCESS}. */
export type Access = (typeof ACCESS)[number];

/** That a user may do so much with this document, whatever they may do with others. */
export interface AccessRule {
  readonly user: UserId;
  /** `undefined` takes an earlier rule back. */
  readonly access: Access | undefined;
  /** Whoever said so. */
  readonly by: UserId;
  readonly atMs: number;
}

/** Who may do what with one document, to read: a rule for each user, in the order in which they were first named. */
export interface ReadonlyAccessList extends Iterable<AccessRule> {
  /** What the user may do; `undefined` where nothing is said of them. */
  of(user: UserId): Access | undefined;
}

/** Users of one document of whom something was ever said. */
const RULES_MAX = 10_000;

/** Who may do what with one document, as far as its own log says. Of two rules for a user the later counts, in whatever order they come. */
export class AccessList implements ReadonlyAccessList {
  readonly #byUser = new Map<UserId, AccessRule>();

  /** What the user may do; `undefined` where nothing is said of them. */
  of(user: UserId): Access | undefined {
    return this.#byUser.get(user)?.access;
  }

  /**
   * The rule that says so, later than what was said of the user before.
   * @throws {DocumentError} `LIMIT`.
   */
  next(rule: AccessRule): AccessRule {
    const before = this.#byUser.get(rule.user);
    if (before === undefined && this.#byUser.size >= RULES_MAX)
      throw new DocumentError("LIMIT", `at most ${RULES_MAX} users have access of their own`);
    return { ...rule, atMs: Math.max(rule.atMs, (before?.atMs ?? -1) + 1) };
  }

  /** Notes a rule; whether it counts. Of two of the same moment the one that allows less does. */
  add(rule: AccessRule): boolean {
    const before = this.#byUser.get(rule.user);
    if (before !== undefined && !isLater(rule, before)) return false;
    this.#byUser.set(rule.user, rule);
    return true;
  }

  /** In the order in which users were first named; those as well of whom a rule was taken back. */
  [Symbol.iterator](): IterableIterator<AccessRule> {
    return this.#byUser.values();
  }
}

function isLater(rule: AccessRule, before: AccessRule): boolean {
  if (rule.atMs !== before.atMs) return rule.atMs > before.atMs;
  return rankOf(rule) < rankOf(before);
}

function rankOf({ access }: AccessRule): number {
  return access === undefined ? ACCESS.length : ACCESS.indexOf(access);
}
