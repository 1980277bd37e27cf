/**
 * The Motet server: collaborative documents over WebSockets.
 *
 *     import { CollaborativeServer } from "@motet/server";
 *
 *     const server = new CollaborativeServer({ port: 0 });
 *     console.log(`Documents are at ${await server.listen()}/documents/<document id>`);
 *
 * @packageDocumentation
 */

export type { AdminAddress } from "./admin/admin-entrance.js";
export { type Authenticator, type Credentials, everybody, type Identity } from "./authenticator.js";
export { type Callback, CallbackAuthenticator, type TimedGrant } from "./callback-authenticator.js";
export { type Clock, systemClock } from "./clock.js";
export { CollaborativeServer } from "./collaborative-server.js";
export type {
  CollaborativeServerOptions,
  ServerStatus,
  UnsavedDocument,
} from "./collaborative-server-options.js";
export { type DocumentEvent, DocumentHandle, type EditOptions } from "./document-handle.js";
export { ServerError, type ServerErrorCode, type ServerErrorOptions } from "./errors.js";
export type { Grant } from "./grant.js";
export { HookAuthenticator, type HookOptions } from "./hook-authenticator.js";
export type { TlsKeys } from "./http/http-server.js";
export { JwtAuthenticator, type JwtOptions } from "./jwt-authenticator.js";
export type { JwtKeys } from "./jwt-keys.js";
export { defaultServerLimits, type ServerLimits } from "./limits.js";
export {
  type Effect,
  type HandledMessage,
  MessageHandler,
  type MessageHandlerOptions,
  type Moment,
  type Sender,
} from "./message-handler.js";
export type { Later, Platform } from "./platform.js";
export { playgroundFolder } from "./playground-folder.js";
export type { Granted } from "./rights.js";
export type { ChangeFacts, ServerEvent, ServerEvents, ServerListener, UserFacts } from "./server-events.js";
export type { Member } from "./session.js";
export { TokenList } from "./token-file.js";
export { type WebhookEndpoint, type WebhookType, webhookTypes } from "./webhooks/webhook.js";
