import { isUserId, type UserId, userId } from "@motet/document";
import { ServerError } from "../errors.js";

/** What {@link callerOf} looks at. */
export interface CallerRequest {
  query(name: string): string | undefined;
}

/**
 * On whose behalf a request changes a document. Without authentication a caller is who they say they are, in the
 * parameter `user_id`.
 * @throws {ServerError} `BAD_REQUEST` when they say nothing that could be a user's id.
 */
export function callerOf(request: CallerRequest): UserId {
  const name = request.query("user_id");
  if (name === undefined || !isUserId(name)) {
    throw new ServerError("BAD_REQUEST", "user_id: 1 to 128 characters of [A-Za-z0-9_-] are needed");
  }
  return userId(name);
}
