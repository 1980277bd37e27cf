import { type Authenticator, everybody } from "./authenticator.js";
import type { Config } from "./config.js";
import { HookAuthenticator } from "./hook-authenticator.js";
import { JwtAuthenticator } from "./jwt-authenticator.js";
import type { JwtKeys } from "./jwt-keys.js";
import { readSettingFile } from "./setting-file.js";
import { TokenList } from "./token-file.js";
import { unreachable } from "./unreachable.js";

/**
 * Whoever says who somebody is, as it was configured.
 * @throws {ServerError} `BAD_CONFIG` when a file of it cannot be read or used.
 */
export async function authenticatorOf(config: Config): Promise<Authenticator> {
  switch (config.auth) {
    case "none":
      return everybody;
    case "tokens":
      return TokenList.read(config.tokens!);
    case "jwt":
      return jwtAuthenticator(config);
    case "hook":
      return new HookAuthenticator({
        url: config.hookUrl!,
        secret: config.hookSecret!,
        timeoutMs: config.hookTimeoutMs,
        cacheMs: config.hookCacheMs,
      });
    default:
      return unreachable(config.auth);
  }
}

async function jwtAuthenticator(config: Config): Promise<JwtAuthenticator> {
  const { jwtAudience, jwtIssuer, jwtLeewaySeconds, jwtAlgorithms } = config;
  return new JwtAuthenticator({
    keys: await jwtKeys(config),
    audience: jwtAudience!,
    issuer: jwtIssuer!,
    leewaySeconds: jwtLeewaySeconds,
    ...(jwtAlgorithms && { algorithms: jwtAlgorithms }),
  });
}

async function jwtKeys({ jwtSecret, jwtPublicKey, jwks }: Config): Promise<JwtKeys> {
  if (jwtSecret !== undefined) return { secret: jwtSecret };
  if (jwtPublicKey !== undefined) return { publicKey: await readSettingFile(jwtPublicKey) };
  return /^https?:/i.test(jwks!) ? { jwksUrl: new URL(jwks!) } : { jwks: await readSettingFile(jwks!) };
}
