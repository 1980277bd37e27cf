import type { Config } from "./config.js";
import type { TlsKeys } from "./http/http-server.js";
import { readSettingFile } from "./setting-file.js";

/**
 * What the files of TLS say, where there are any.
 * @throws {ServerError} `BAD_CONFIG` when one cannot be read.
 */
export async function readTlsFiles({ tlsCertificate, tlsKey }: Config): Promise<TlsKeys | undefined> {
  if (tlsCertificate === undefined || tlsKey === undefined) return undefined;
  const [certificate, key] = await Promise.all([readSettingFile(tlsCertificate), readSettingFile(tlsKey)]);
  return { certificate, key };
}
