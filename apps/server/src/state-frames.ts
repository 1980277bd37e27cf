import { encodeWhole, type VersionVector } from "@motet/crdt-core";
import type { DocumentKey, OpenDocument } from "@motet/document";
import { encodeStateFrame, encodeWholeFrame, Frame } from "@motet/transport";

/** A `state` frame and the version that it tells of. */
export interface StateFrame {
  readonly version: VersionVector;
  readonly frame: Frame;
}

interface Whole extends StateFrame {
  readonly open: OpenDocument;
  readonly versionNumber: number;
  readonly trims: number;
}

/**
 * The `state` frames that replicas begin with. The one for newcomers, who have nothing that the server has, is encoded once and
 * kept until the document changes, so that a thousand who come at once cost one encoding.
 */
export class StateFrames {
  readonly #wholes = new Map<DocumentKey, Whole>();

  /** What `wanted` lacks of the document as it is in memory now: to be sent once that is durable. */
  for(open: OpenDocument, wanted: VersionVector): StateFrame {
    const { version } = open.document;
    const isNewcomer = version.total > 0 && ![...wanted].some(([replica]) => version.get(replica) > 0);
    return isNewcomer ? this.#whole(open) : difference(open, wanted);
  }

  /** The document has changed, or nobody reads it any more. */
  drop(key: DocumentKey): void {
    this.#wholes.delete(key);
  }

  #whole(open: OpenDocument): StateFrame {
    const { trims } = open;
    const { versionNumber } = open.document;
    const kept = this.#wholes.get(open.id);
    const isCurrent = kept?.open === open && kept.versionNumber === versionNumber && kept.trims === trims;
    if (isCurrent) return kept;
    const made = { ...whole(open), open, versionNumber, trims };
    this.#wholes.set(open.id, made);
    return made;
  }
}

/** What nobody can read any more, a newcomer has no use for: the characters of deleted text. */
function whole({ document }: OpenDocument): StateFrame {
  const state = encodeWhole(document.content, { withoutDeleted: true });
  return { version: document.version, frame: Frame.binary(encodeWholeFrame(state)) };
}

function difference({ document }: OpenDocument, wanted: VersionVector): StateFrame {
  const { version } = document;
  const update = wanted.covers(version) ? undefined : document.encode(wanted);
  return { version, frame: Frame.binary(encodeStateFrame(version, update)) };
}
