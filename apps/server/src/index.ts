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
export { type Authenticator, type Credentials, everybody, type Identity } from "./authenticator.js";
export { type Clock, systemClock } from "./clock.js";
export { CollaborativeServer } from "./collaborative-server.js";
export type { CollaborativeServerOptions, ServerStatus } from "./collaborative-server-options.js";
export { ServerError, type ServerErrorCode } from "./errors.js";
export { defaultServerLimits, type ServerLimits } from "./limits.js";
export {
  type Effect,
  MessageHandler,
  type MessageHandlerOptions,
  type Moment,
  type Sender,
} from "./message-handler.js";
export { playgroundFolder } from "./playground-folder.js";
export type { Granted } from "./rights.js";
export type { Member } from "./session.js";
export { TokenList } from "./token-file.js";
