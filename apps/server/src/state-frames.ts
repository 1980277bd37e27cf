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
 * The `state` frames that replicas begin with. The one for newcomers, who have nothing, is encoded once and kept until
 * the document changes, so that a thousand who come at once cost one encoding.
 */
export class StateFrames {
  readonly #wholes = new Map<DocumentKey, Whole>();

  /** What `wanted` lacks of the document as it is in memory now: to be sent once that is durable. */
  for(open: OpenDocument, wanted: VersionVector): StateFrame {
    return wanted.total === 0 ? this.#whole(open) : encode(open, wanted);
  }

  /** The document has changed, or nobody reads it any more. */
  drop(key: DocumentKey): void {
    this.#wholes.delete(key);
  }

  #whole(open: OpenDocument): StateFrame {
    const { versionNumber, trims } = open.document;
    const kept = this.#wholes.get(open.id);
    const isCurrent = kept?.open === open && kept.versionNumber === versionNumber && kept.trims === trims;
    if (isCurrent) return kept;
    const whole = { ...encode(open), open, versionNumber, trims };
    this.#wholes.set(open.id, whole);
    return whole;
  }
}

function encode({ document }: OpenDocument, wanted?: VersionVector): StateFrame {
  const { version } = document;
  if (version.total > 0 && wanted === undefined) {
    return { version, frame: Frame.binary(encodeWholeFrame(encodeWhole(document.content))) };
  }
  const update = wanted === undefined || wanted.covers(version) ? undefined : document.encode(wanted);
  return { version, frame: Frame.binary(encodeStateFrame(version, update)) };
}
