import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { documentId, documentKey, tenantId } from "@motet/document";
import { exportJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Identity, JwtAuthenticator, type JwtKeys } from "../src/index.js";
import { TestClock } from "./support/test-server.js";

const SECRET = "bJ3k9-drawn-by-a-generator-Q2x8m";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ed = generateKeyPairSync("ed25519");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const clock = new TestClock();
const nowSeconds = clock.wallMs() / 1_000;
const page = documentKey(tenantId("main"), documentId("page"));

const pem = ({ publicKey }: { publicKey: KeyObject }) =>
  publicKey.export({ type: "spki", format: "pem" }).toString();
const GOOD = {
  ...{ sub: "ann", name: "Ann", aud: "motet", iss: "https://id.example.org", exp: nowSeconds + 3_600 },
  motet: { rights: "write", documents: { page: "admin" } },
};

function sign(
  key: KeyObject,
  alg: string,
  claims: Readonly<Record<string, unknown>> = {},
  header: object = {},
): Promise<string> {
  const all = Object.entries({ ...GOOD, ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(all) as JWTPayload).setProtectedHeader({ alg, ...header }).sign(key);
}

function authenticator(keys: JwtKeys, algorithms?: readonly string[]): JwtAuthenticator {
  const fixed = { audience: "motet", issuer: "https://id.example.org", clock };
  return new JwtAuthenticator({ ...fixed, keys, ...(algorithms && { algorithms }) });
}

const verdict = (by: JwtAuthenticator, token: string): Promise<Identity | undefined> =>
  by.authenticate({ token });

/** A token whose parts nobody's library would put together so. */
function forged(header: object, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.`;
}

/** The same with a signature that would hold with `secret`. */
function signedByHand(header: object, secret: string): string {
  const input = forged(header, GOOD).slice(0, -1);
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

const shared = createSecretKey(SECRET, "utf8");
const bySecret = authenticator({ secret: SECRET });
const byKey = authenticator({ publicKey: pem(rsa) });

describe("a JWT that holds", () => {
  it("says who somebody is, what they may do, and until when", async () => {
    const identity = await verdict(bySecret, await sign(shared, "HS256"));
    expect(identity).toMatchObject({ user: "ann", name: "Ann" });
    expect(identity?.rightsOn(page)).toBe("admin");
    expect(identity?.rightsOn(documentKey(tenantId("main"), documentId("other")))).toBe("write");
    expect(identity?.expiresMs).toBe((GOOD.exp + 10) * 1_000); // The leeway counts here as well.
  });

  it("is of the user in its sub, whatever else it says", async () => {
    const motet = { rights: "read", user: "bob" };
    expect(await verdict(bySecret, await sign(shared, "HS256", { motet }))).toMatchObject({ user: "ann" });
    expect(await verdict(bySecret, signedByHand({ alg: "HS256" }, SECRET))).toMatchObject({ user: "ann" });
  });

  it("names the tenant, and whether its user may begin documents", async () => {
    const motet = { rights: "write", tenant: "acme", create: false };
    const identity = await verdict(bySecret, await sign(shared, "HS256", { motet }));
    expect(identity).toMatchObject({ tenant: "acme", mayCreate: false });
  });

  it.each([
    ["RS256", rsa],
    ["EdDSA", ed],
    ["ES256", ec],
  ] as const)("is signed with %s where that fits the public key", async (alg, pair) => {
    const by = authenticator({ publicKey: pem(pair) });
    expect(await verdict(by, await sign(pair.privateKey, alg))).toMatchObject({ user: "ann" });
  });

  it("may be late by the leeway, and not by a second more (D3, H8)", async () => {
    const until = async (exp: number) => verdict(bySecret, await sign(shared, "HS256", { exp }));
    expect(await until(nowSeconds - 9)).toMatchObject({ user: "ann" });
    expect(await until(nowSeconds - 11)).toBeUndefined();
  });
});

describe("a JWT that does not hold", () => {
  const hs = (claims: object, header: object = {}) => sign(shared, "HS256", { ...claims }, header);
  const motet = (value: unknown) => hs({ motet: value });

  it.each<[string, () => Promise<string> | string]>([
    ["signed by nobody", () => forged({ alg: "none" }, GOOD)],
    ["signed by nobody, in capitals", () => forged({ alg: "nOnE" }, GOOD)],
    ["of another audience", () => hs({ aud: "other" })],
    ["of no audience", () => hs({ aud: undefined })],
    ["of another issuer", () => hs({ iss: "https://evil.example.org" })],
    ["of no issuer", () => hs({ iss: undefined })],
    ["of another type", () => hs({}, { typ: "dpop+jwt" })],
    ["without an end", () => hs({ exp: undefined })],
    ["that begins later", () => hs({ nbf: nowSeconds + 60 })],
    ["of nobody", () => hs({ sub: undefined })],
    ["of a user who cannot be one", () => hs({ sub: "ann/../bob" })],
    ["without rights", () => motet(undefined)],
    ["with rights that are a word", () => motet("admin")],
    ["with rights that nobody knows", () => motet({ rights: "everything" })],
    ["with a field that may have been meant to restrict", () => motet({ rights: "admin", docs: {} })],
    [
      "with a critical header that nobody knows",
      () => signedByHand({ alg: "HS256", crit: ["x"], x: 1 }, SECRET),
    ],
    ["with another key's signature", () => sign(createSecretKey("z".repeat(32), "utf8"), "HS256")],
    ["with an algorithm that is not pinned", () => sign(createSecretKey(SECRET.repeat(2), "utf8"), "HS512")],
    ["cut short", async () => (await hs({})).slice(0, -1)],
    ["with a part too many", async () => `${await hs({})}.x`],
    ["that is empty", () => ""],
    ["that is no token", () => "constructor"],
  ])("is refused: %s (D2, D3)", async (_what, make) => {
    expect(await verdict(bySecret, await make())).toBeUndefined();
  });

  it("is signed with the public key as if that were a shared secret (D2)", async () => {
    expect(await verdict(byKey, signedByHand({ alg: "HS256" }, pem(rsa)))).toBeUndefined();
  });

  it.each([
    { jku: "https://evil.example.org/keys" },
    { x5u: "https://evil.example.org/cert" },
    { jwk: { kty: "RSA" } },
    { x5c: ["MIIB"] },
    { kid: "../../../../dev/null" },
    { kid: "/etc/passwd" },
    { kid: "' OR 1=1" },
    { kid: 7 },
  ])("brings its own key, or says where one is: %j (D2)", async (header) => {
    const token = await sign(rsa.privateKey, "RS256", {}, header);
    expect(await verdict(byKey, token)).toBeUndefined();
  });
});

describe("a set of keys", () => {
  let text: string;
  beforeAll(async () => {
    const one = { ...(await exportJWK(rsa.publicKey)), kid: "one", alg: "RS256" };
    const two = { ...(await exportJWK(ed.publicKey)), kid: "two", alg: "EdDSA" };
    text = JSON.stringify({ keys: [one, two] });
  });

  it("has the key that the token names, and no other will do (D2)", async () => {
    const by = authenticator({ jwks: text });
    const one = await sign(rsa.privateKey, "RS256", {}, { kid: "one" });
    expect(await verdict(by, one)).toMatchObject({ user: "ann" });
    expect(await verdict(by, await sign(ed.privateKey, "EdDSA", {}, { kid: "two" }))).toBeDefined();
    expect(await verdict(by, await sign(otherRsa.privateKey, "RS256", {}, { kid: "one" }))).toBeUndefined();
    expect(await verdict(by, await sign(rsa.privateKey, "RS256", {}, { kid: "three" }))).toBeUndefined();
  });

  describe("at an address", () => {
    let server: Server;
    let jwksUrl: URL;
    let answer: string | undefined;
    let asked = 0;
    beforeAll(async () => {
      server = createServer((_request, response) => {
        asked++;
        response.writeHead(answer === undefined ? 500 : 200).end(answer);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      jwksUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`);
    });
    afterAll(() => server.close());

    it("is fetched once for many tokens", async () => {
      answer = text;
      const by = authenticator({ jwksUrl });
      const token = await sign(rsa.privateKey, "RS256", {}, { kid: "one" });
      const verdicts = await Promise.all(Array.from({ length: 20 }, () => verdict(by, token)));
      expect(verdicts.every((identity) => identity?.user === "ann")).toBe(true);
      expect(asked).toBe(1);
    });

    it.each([
      ["answers with an error", undefined],
      ["answers with what is no set", "{}"],
      ["answers without end", `{"keys":[${'{"kty":"RSA"},'.repeat(100_000)}]}`],
    ])("that %s lets nobody in, and turns nobody away for good", async (_what, content) => {
      answer = content;
      const token = await sign(rsa.privateKey, "RS256", {}, { kid: "one" });
      const failing = verdict(authenticator({ jwksUrl }), token);
      await expect(failing).rejects.toMatchObject({ code: "AUTH_UNAVAILABLE" });
    });
  });
});

describe("keys that cannot be used keep the server from starting", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  it.each<[string, JwtKeys, readonly string[] | undefined]>([
    ["no PEM", { publicKey: "canary" }, undefined],
    [
      "a private key",
      { publicKey: rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString() },
      undefined,
    ],
    ["a weak one", { publicKey: pem(weak) }, undefined],
    ["a short secret", { secret: "canary-of-thirty-one-characters" }, undefined],
    ["bytes where the secret is text", { secret: new Uint8Array(64) as unknown as string }, undefined],
    ["no set", { jwks: "canary" }, undefined],
    ["a secret for public keys' algorithms", { secret: SECRET }, ["RS256"]],
    ["a public key for secrets' algorithms", { publicKey: pem(rsa) }, ["HS256"]],
    ["no algorithm at all", { secret: SECRET }, []],
  ])("%s", (_what, keys, algorithms) => {
    const make = () => authenticator(keys, algorithms);
    expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(make).not.toThrow(/canary/);
  });
});
