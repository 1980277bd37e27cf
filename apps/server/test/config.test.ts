import { describe, expect, it } from "vitest";
import { type Command, helpText, readCommand } from "../src/config.js";

function configOf(args: readonly string[], environment: Record<string, string> = {}) {
  const command = readCommand(args, environment);
  return command.kind === "serve" ? command.config : command.kind;
}

function refusalOf(args: readonly string[], environment: Record<string, string> = {}): string {
  let command: Command;
  try {
    command = readCommand(args, environment);
  } catch (error) {
    expect(error).toMatchObject({ name: "ServerError", code: "BAD_CONFIG" });
    return (error as Error).message;
  }
  throw new Error(`accepted as ${JSON.stringify(command)}`);
}

describe("the command line", () => {
  it("listens on this machine alone when nothing is said", () => {
    expect(configOf([])).toMatchObject({ host: "127.0.0.1", port: 8080, heartbeatTimeoutSeconds: 30 });
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
    const refusal = refusalOf(["--host", "a b"], { PORT: "many", MOTET_HEARTBEAT_TIMEOUT: "1" });
    expect(refusal).toContain("--host must be");
    expect(refusal).toContain("PORT must be");
    expect(refusal).toContain("MOTET_HEARTBEAT_TIMEOUT must be");
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
    expect(configOf(["--help"])).toBe("help");
    expect(configOf(["--version"])).toBe("version");
    for (const word of ["--port", "PORT", "8080", "--host", "HOST", "127.0.0.1", "--help", "--version"]) {
      expect(helpText()).toContain(word);
    }
  });
});
