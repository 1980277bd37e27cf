import { connect, type RemoteDocument } from "@motet/client";
import type { DocumentId } from "@motet/document";
import type { Kept } from "../kept/kept.js";

/**
 * The document of that id, from the server that the page came from: as whoever has signed in here, else under the name that
 * somebody gave themselves.
 */
export function openDocument(id: DocumentId, { signIn, identity }: Kept): RemoteDocument {
  const whose = signIn.value;
  if (whose !== undefined) {
    return connect(location.origin, { document: id, user: whose.user, token: async () => whose.token });
  }
  const { user } = identity.value;
  return connect(location.origin, { document: id, user, name: () => identity.value.name });
}
