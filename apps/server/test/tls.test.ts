import { copyFile, writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { generate } from "selfsigned";
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newFolder } from "./support/folder.js";
import { ServerProcess } from "./support/server-process.js";

let server: ServerProcess | undefined;
afterEach(() => server?.kill());

/** A folder with the certificate and the key of `name`. */
async function keysOf(name: string): Promise<string> {
  const folder = await newFolder();
  const keys = await generate([{ name: "commonName", value: name }], { keyType: "ec" });
  await writeFile(`${folder}/key.pem`, keys.private);
  await writeFile(`${folder}/certificate.pem`, keys.cert);
  return folder;
}

/** Whose certificate new connections are shown. */
function shown(address: string): Promise<string> {
  const { port } = new URL(address);
  return new Promise((resolve, reject) => {
    const line = connect({ host: "127.0.0.1", port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(line.getPeerCertificate().subject.CN));
      line.destroy();
    }).on("error", reject);
  });
}

it("serves wss with a certificate, and with another one after SIGHUP, without cutting anybody off", async () => {
  const [old, fresh] = [await keysOf("old.example.org"), await keysOf("new.example.org")];
  const files = ["--tls-certificate", `${old}/certificate.pem`, "--tls-key", `${old}/key.pem`];
  server = new ServerProcess(["--port", "0", "--memory", ...files]);
  const address = await server.address();
  expect(address).toMatch(/^https:/);
  const editor = new WebSocket(`${address.replace("https", "wss")}/documents/page`, {
    rejectUnauthorized: false,
  });
  await new Promise((resolve) => editor.once("open", resolve));
  expect(await shown(address)).toBe("old.example.org");

  await writeFile(`${old}/certificate.pem`, "no certificate");
  server.signal("SIGHUP");
  await server.says("stays as it was");
  expect(await shown(address)).toBe("old.example.org");

  for (const file of ["certificate.pem", "key.pem"]) await copyFile(`${fresh}/${file}`, `${old}/${file}`);
  server.signal("SIGHUP");
  await server.says("was read again");
  expect(await shown(address)).toBe("new.example.org");
  expect(editor.readyState).toBe(WebSocket.OPEN);
  editor.terminate();
});

it("does not start with files that are no certificate, and says which", async () => {
  server = new ServerProcess(["--port=0", "--memory", "--tls-certificate=/nowhere.pem", "--tls-key=k"]);
  expect(await server.exitCode()).toBe(1);
  expect(server.output).toContain("/nowhere.pem cannot be read");
});
