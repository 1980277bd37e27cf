import { isUserId } from "@motet/document";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { freshIdentity, type Identity } from "./identity.js";
import { Stored } from "./stored.js";

/** How the page looks: as the system does, or always so. */
export type Theme = "system" | "light" | "dark";

/** A document that was open here. */
export interface RecentDocument {
  readonly id: string;
  readonly title: string;
  readonly openedMs: number;
}

/** A server's token, and whose it is. */
export interface SignIn {
  readonly token: string;
  readonly user: string;
}

const RECENT_MAX = 12;
const NAMES_MAX = 500;
const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** What this browser remembers of its user. */
export class Kept {
  /** Who somebody is on servers that let everybody in. */
  readonly identity = new Stored<Identity>("motet.identity", identityOf);
  readonly signIn = new Stored<SignIn | undefined>("motet.sign-in", signInOf);
  readonly theme = new Stored<Theme>(
    "motet.theme",
    (json) => THEMES.find((theme) => theme === json) ?? "system",
  );
  readonly recent = new Stored<readonly RecentDocument[]>("motet.recent", listOf(isRecent));
  /** What people called themselves when they were last seen, by user id: history knows them by their ids. */
  readonly names = new Stored<readonly (readonly [string, string])[]>("motet.names", listOf(isPair));

  /** Puts a document at the top of those that were open here. */
  noteOpened(document: RecentDocument): void {
    const others = this.recent.value.filter(({ id }) => id !== document.id);
    this.recent.set([document, ...others].slice(0, RECENT_MAX));
  }

  /** Remembers names; writes nothing when all are known. */
  noteNames(names: ReadonlyMap<string, string>): void {
    const known = new Map(this.names.value);
    const news = [...names].filter(([id, name]) => known.get(id) !== name);
    if (news.length === 0) return;
    for (const [id] of news) known.delete(id);
    this.names.set([...known, ...news].slice(-NAMES_MAX));
  }
}

const KeptContext = createContext<Kept | undefined>(undefined);

/** Gives what is kept to everything inside. */
export const KeptProvider = KeptContext.Provider;

export function useKept(): Kept {
  const kept = useContext(KeptContext);
  if (kept === undefined) throw new Error("nothing is kept outside the page");
  return kept;
}

function identityOf(json: unknown): Identity {
  const { user, name } = fieldsOf(json);
  const isWhole = typeof user === "string" && isUserId(user) && typeof name === "string" && name !== "";
  return isWhole ? { user, name } : freshIdentity();
}

function signInOf(json: unknown): SignIn | undefined {
  const { token, user } = fieldsOf(json);
  return typeof token === "string" && typeof user === "string" ? { token, user } : undefined;
}

function listOf<Item>(isItem: (json: unknown) => json is Item) {
  return (json: unknown): readonly Item[] => (Array.isArray(json) ? json.filter(isItem) : []);
}

function isRecent(json: unknown): json is RecentDocument {
  const { id, title, openedMs } = fieldsOf(json);
  return typeof id === "string" && typeof title === "string" && typeof openedMs === "number";
}

function isPair(json: unknown): json is readonly [string, string] {
  return Array.isArray(json) && json.length === 2 && json.every((part) => typeof part === "string");
}

function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
}
