import { type DocumentId, type DocumentKey, documentId, documentKey, tenantId } from "@motet/document";
import { Ledger, type LedgerOptions } from "./ledger.js";

/** One of the documents that people edit, and what was ever done to it. */
export class Page {
  readonly id: DocumentId;
  readonly key: DocumentKey;
  readonly ledger: Ledger;

  constructor(name: string, options: (key: DocumentKey) => LedgerOptions) {
    this.id = documentId(name);
    this.key = documentKey(tenantId("main"), this.id);
    this.ledger = new Ledger(options(this.key));
  }
}
