import { describe, expect, it } from "vitest";
import { type Command, type Config, configText, helpText, readCommand } from "../src/config.js";
import { defaultServerLimits } from "../src/index.js";

/** What a file of settings says, where there is one. */
let file = "";

function configOf(args: readonly string[], environment: Record<string, string> = {}): Config {
  const command = readCommand(args, environment, () => file);
  if ("config" in command) return command.config;
  throw new Error(`asks for ${command.kind}`);
}

function refusalOf(args: readonly string[], environment: Record<string, string> = {}): string {
  let command: Command;
  try {
    command = readCommand(args, environment, () => file);
  } catch (error) {
    expect(error).toMatchObject({ name: "ServerError", code: "BAD_CONFIG" });
    return (error as Error).message;
  }
  throw new Error(`accepted as ${JSON.stringify(command)}`);
}

describe("the command line", () => {
  it("listens on this machine alone when nothing is said", () => {
    expect(configOf([])).toMatchObject({ host: "127.0.0.1", port: 8080, auth: "none" });
  });

  it("takes the environment, and flags above it", () => {
    expect(configOf([], { PORT: "9000", HOST: "::1" })).toMatchObject({ port: 9000, host: "::1" });
    expect(configOf(["--port", "0"], { PORT: "9000" })).toMatchObject({ port: 0 });
    expect(configOf(["--host=0.0.0.0"], { HOST: "::1" })).toMatchObject({ host: "0.0.0.0" });
  });

  it("takes an empty variable for one that is not set", () => {
    expect(configOf([], { PORT: "", HOST: "" })).toMatchObject({ port: 8080, host: "127.0.0.1" });
  });

  it.each(["65536", "-1", "1e3", " 80", "0x50", "80.0", "http", ""])(
    "refuses port %j and names the flag",
    (port) => {
      expect(refusalOf([`--port=${port}`])).toBe(`--port must be an integer from 0 to 65535, not "${port}".`);
    },
  );

  it("names every wrong value at once, each by where it was written", () => {
    const refusal = refusalOf(["--host", "a b"], { PORT: "many", MOTET_HEARTBEAT_TIMEOUT_MS: "1" });
    expect(refusal).toContain("--host must be");
    expect(refusal).toContain("PORT must be");
    expect(refusal).toContain("MOTET_HEARTBEAT_TIMEOUT_MS must be");
  });

  it("keeps documents in ./data, elsewhere, or nowhere", () => {
    expect(configOf([])).toMatchObject({ data: "./data" });
    expect(configOf([], { MOTET_DATA: "/srv/motet" })).toMatchObject({ data: "/srv/motet" });
    expect(configOf(["--data", "here"], { MOTET_DATA: "there" })).toMatchObject({ data: "here" });
    expect(configOf(["--memory"])).toMatchObject({ data: undefined });
    expect(refusalOf(["--data="])).toContain("--data must be the path of a folder");
  });

  it("refuses a folder beside --memory, and says where it was written", () => {
    expect(refusalOf(["--memory", "--data", "here"])).toContain("but --data names one");
    expect(refusalOf(["--memory"], { MOTET_DATA: "there" })).toContain("but MOTET_DATA names one");
  });

  it("refuses what it does not know, by name", () => {
    expect(refusalOf(["--prot", "80"])).toContain("--prot");
    expect(refusalOf(["8080"])).toContain("8080");
    expect(refusalOf(["--port"])).toContain("--port");
  });

  it("hands out a record that nobody changes afterwards", () => {
    expect(Object.isFrozen(configOf([]))).toBe(true);
  });

  it("explains every flag with its variable and its default", () => {
    expect(readCommand(["--help"], {})).toEqual({ kind: "help" });
    expect(readCommand(["--version"], {})).toEqual({ kind: "version" });
    for (const word of ["--port", "PORT", "8080", "--host", "HOST", "127.0.0.1", "--help", "--version"]) {
      expect(helpText()).toContain(word);
    }
  });
});

describe("a file of settings", () => {
  it("stands below flags and the environment, and above the defaults", () => {
    file = JSON.stringify({ port: 7000, host: "::1", joinTimeoutMs: 9000, origins: ["https://a.org"] });
    const config = configOf(["--config", "motet.json", "--port", "0"], { HOST: "10.0.0.1" });
    expect(config).toMatchObject({ port: 0, host: "10.0.0.1", origins: ["https://a.org"] });
    expect(config.limits).toEqual({ ...defaultServerLimits, joinTimeoutMs: 9000 });
    expect(configOf([], { MOTET_CONFIG: "motet.json" }).port).toBe(7000);
  });

  it("that has wrong values, and names that nobody knows, is refused with all of them", () => {
    file = JSON.stringify({ port: "many", joinBytes: 1, tokens: { a: 1 }, data: null });
    const refusal = refusalOf(["--config", "motet.json"], { MOTET_JOIN_TIMEOUT_MS: "soon" });
    expect(refusal.split("\n")).toEqual([
      'motet.json: there is no setting "joinBytes".',
      'port in motet.json must be an integer from 0 to 65535, not "many".',
      `MOTET_JOIN_TIMEOUT_MS must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}, not "soon".`,
    ]);
  });

  it.each(["", "[]", "null", '{ "jwtSecret": "canary'])("that is %j is refused, and not repeated", (text) => {
    file = text;
    expect(refusalOf(["--config", "motet.json"])).not.toContain("canary");
  });

  it("that cannot be read is named", () => {
    const read = () => readCommand(["--config", "/nowhere/motet.json"], {});
    expect(read).toThrow(/file of settings cannot be read: .*nowhere/);
  });
});

describe("every limit", () => {
  it("is a flag, a variable and a name in a file, all made of its own name", () => {
    expect(configOf(["--messages-per-second", "7"]).limits.messagesPerSecond).toBe(7);
    expect(configOf([], { MOTET_ADMISSIONS_BURST: "7" }).limits.admissionsBurst).toBe(7);
    file = JSON.stringify({ compactEntries: 7 });
    expect(configOf(["--config", "x"]).documentLimits.compactEntries).toBe(7);
    for (const name of Object.keys(defaultServerLimits)) {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      expect(helpText()).toContain(`${flag} <number>`);
    }
  });
});

describe("--print-config", () => {
  it("prints what a file would have to say for the same settings, secrets aside", () => {
    const environment = { MOTET_JWT_SECRET: "canary-canary-0fw9e8fh23-8f2h938" };
    const config = configOf(["--jwt-audience=a", "--jwt-issuer=i", "--port=1"], environment);
    const text = configText(config);
    expect(text).not.toContain("canary");
    file = JSON.stringify({ ...JSON.parse(text), jwtSecret: environment.MOTET_JWT_SECRET });
    expect(configOf(["--config", "x"])).toEqual(config);
  });

  it("prints the defaults where nothing is set", () => {
    const printed = JSON.parse(configText(configOf([])));
    expect(printed).toMatchObject({ port: 8080, auth: "none", data: "./data", ...defaultServerLimits });
    expect(readCommand(["--print-config"], {}).kind).toBe("print-config");
  });
});

describe("who says who somebody is", () => {
  const secret = "bJ3k9-drawn-by-a-generator-Q2x8m";
  const jwt = ["--jwt-audience=motet", "--jwt-issuer=https://id.example.org"];

  it("is found from what is set, or named", () => {
    expect(configOf([]).auth).toBe("none");
    expect(configOf(["--tokens", "t.json"]).auth).toBe("tokens");
    expect(configOf(["--jwks", "keys.json", ...jwt]).auth).toBe("jwt");
    expect(configOf(["--hook-url=https://id.example.org/"], { MOTET_HOOK_SECRET: secret }).auth).toBe("hook");
  });

  it("must be said in production, be it by --auth none (J6)", () => {
    const production = { NODE_ENV: "production" };
    expect(refusalOf([], production)).toContain("NODE_ENV=production");
    expect(configOf(["--auth", "none"], production).auth).toBe("none");
    expect(configOf(["--tokens", "t.json"], production).auth).toBe("tokens");
  });

  it.each([
    "short",
    "x".repeat(64),
    "please-change-me-please-change-me",
    "at-least-32-characters-that-nobody-can-guess",
  ])("is not told by the secret %j, and that is not printed (J6)", (weak) => {
    const refusal = refusalOf(jwt, { MOTET_JWT_SECRET: weak });
    expect(refusal).toContain("MOTET_JWT_SECRET must be at least 32 characters");
    expect(refusal).not.toContain(weak);
  });

  it("takes secrets from no flag, as everybody can read those", () => {
    expect(refusalOf(["--jwt-secret", secret, ...jwt])).toContain("--jwt-secret");
  });

  it.each([
    [["--auth", "tokens"], ["--tokens is missing"]],
    [
      ["--auth", "jwt"],
      [
        "One of MOTET_JWT_SECRET, --jwt-public-key and --jwks is missing.",
        "--jwt-audience is missing.",
        "--jwt-issuer is missing.",
      ],
    ],
    [
      ["--auth", "hook"],
      ["--hook-url is missing.", "MOTET_HOOK_SECRET is missing."],
    ],
    [["--jwks=k", "--jwt-public-key=p", ...jwt], ["Only one of --jwt-public-key and --jwks"]],
    [["--jwks=k", "--jwt-algorithms=RS256,HS256", ...jwt], ["--jwt-algorithms must be of the kind"]],
    [["--jwks=k", "--jwt-algorithms=none", ...jwt], ["--jwt-algorithms must be some of"]],
    [["--jwks=k", "--jwt-leeway-seconds=31", ...jwt], ["--jwt-leeway-seconds must be"]],
    [["--jwks=http://id.example.org/keys", ...jwt], ["--jwks must be"]],
    [["--tokens=t.json", "--auth=none"], ["--tokens says nothing where authentication is"]],
    [["--tokens=t.json", "--hook-url=https://id.example.org"], ["--hook-url says nothing"]],
    [["--tls-key=key.pem"], ["--tls-key needs --tls-certificate beside it."]],
  ])("is asked for whole: %j", (args, problems) => {
    const refusal = refusalOf(args as string[]).split("\n");
    expect(refusal).toHaveLength(problems.length);
    (problems as string[]).forEach((problem, at) => {
      expect(refusal[at]).toContain(problem);
    });
  });
});
