import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import type { Authenticator, Credentials, Identity } from "./authenticator.js";
import { ServerError } from "./errors.js";
import { grantFields, grantUser, identityOf } from "./grant.js";
import { isPlaceholder } from "./secrets.js";
import { readSettingFile } from "./setting-file.js";

/** Shorter tokens can be guessed. */
const TOKEN_LENGTH_MIN = 16;
const TOKEN_LENGTH_MAX = 4_096;

const entry = v.strictObject({
  token: v.pipe(
    v.string(),
    v.minLength(TOKEN_LENGTH_MIN, `must have at least ${TOKEN_LENGTH_MIN} characters`),
    v.maxLength(TOKEN_LENGTH_MAX, `must have at most ${TOKEN_LENGTH_MAX} characters`),
    v.check((token) => !isPlaceholder(token), "must be drawn by you: this one stands in an example"),
  ),
  user: grantUser,
  ...grantFields,
});

const file = v.strictObject({ tokens: v.array(entry) });

type Entry = v.InferOutput<typeof entry>;

/** A user's token, as it is kept: what it says, and its digest under a key that nobody knows. */
interface Known {
  readonly digest: Buffer;
  readonly identity: Identity;
}

/**
 * Users and rights from a list of tokens that somebody wrote down. A token is looked up by its digest under a key drawn
 * at the start, so that how long it takes says nothing about the tokens there are.
 */
export class TokenList implements Authenticator {
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, Known>();

  /** Made by {@link TokenList.parse} and {@link TokenList.read}. */
  private constructor(entries: readonly Entry[]) {
    for (const one of entries) {
      const digest = this.#digest(one.token);
      this.#known.set(digest.toString("base64"), { digest, identity: identityOf(one) });
    }
  }

  /**
   * The list that `text` holds:
   * `{ "tokens": [{ "token": "…", "user": "ann", "name": "Ann", "rights": "write", "documents": { "minutes": "admin" } }] }`.
   * @throws {ServerError} `BAD_CONFIG`, naming everything that is wrong with it, and no token.
   */
  static parse(text: string, from: string): TokenList {
    const result = v.safeParse(file, parseJson(text, from));
    const problems = result.success ? repeated(result.output.tokens) : result.issues.map(sentence);
    if (problems.length > 0 || !result.success) {
      throw new ServerError("BAD_CONFIG", problems.map((problem) => `${from}: ${problem}.`).join("\n"));
    }
    return new TokenList(result.output.tokens);
  }

  /** The list in a file. @throws {ServerError} `BAD_CONFIG` also when it cannot be read. */
  static async read(path: string): Promise<TokenList> {
    return TokenList.parse(await readSettingFile(path), path);
  }

  async authenticate({ token = "" }: Credentials): Promise<Identity | undefined> {
    const digest = this.#digest(token);
    const known = this.#known.get(digest.toString("base64"));
    return known !== undefined && timingSafeEqual(known.digest, digest) ? known.identity : undefined;
  }

  #digest(token: string): Buffer {
    return createHmac("sha256", this.#key).update(token).digest();
  }
}

function repeated(entries: readonly Entry[]): string[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ token }, at) => {
    const before = first.get(token);
    first.set(token, before ?? at);
    return before === undefined ? [] : [`tokens.${at}.token is the same as tokens.${before}.token`];
  });
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServerError("BAD_CONFIG", `${from}: not JSON.`); // Node's own sentence may quote a token.
  }
}

/** Says where and what was expected, never what was found there: that may be a token. */
function sentence(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue) ?? "the file";
  if (issue.message.startsWith("must ")) return `${where} ${issue.message}`;
  return `${where} must be ${issue.expected ?? "something else"}`;
}
