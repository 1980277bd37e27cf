import { type DocumentId, documentId, isDocumentId } from "@motet/document";

/** What an address of this page shows. */
export type Address =
  | { readonly page: "home" }
  | { readonly page: "document"; readonly id: DocumentId }
  | { readonly page: "nowhere" };

const DOCUMENT_PATH = "/d/";

/** `/` is home, `/d/minutes` is the document called "minutes". */
export function addressOf(path: string): Address {
  if (path === "/") return { page: "home" };
  const id = path.startsWith(DOCUMENT_PATH) ? path.slice(DOCUMENT_PATH.length) : "";
  return isDocumentId(id) ? { page: "document", id: documentId(id) } : { page: "nowhere" };
}

/** Where a document is to be found. */
export function pathOf(id: string): string {
  return `${DOCUMENT_PATH}${id}`;
}

/**
 * The document that somebody means by what they typed: its id, or its whole address. `undefined` when nothing
 * can be called so.
 */
export function documentMeantBy(typed: string): DocumentId | undefined {
  const text = typed.trim();
  if (isDocumentId(text)) return documentId(text);
  if (!URL.canParse(text)) return undefined;
  const address = addressOf(new URL(text).pathname);
  return address.page === "document" ? address.id : undefined;
}

/** A name that nobody has given yet, and nobody guesses: 95 random bits. */
export function newDocumentId(): DocumentId {
  return documentId(randomWord(16));
}

/** So many characters of the 62 letters and digits, as good as evenly. */
export function randomWord(length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const numbers = crypto.getRandomValues(new Uint32Array(length));
  return Array.from(numbers, (number) => alphabet[number % alphabet.length]).join("");
}
