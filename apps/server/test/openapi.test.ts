import { type Random, random, seeds } from "@motet/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiRoutes } from "../src/http/api.js";
import type { RouteTools } from "../src/http/route-tools.js";
import { type ApiOperation, type CallInput, OpenApiClient } from "./support/openapi-client.js";
import { sampleOf } from "./support/schema-samples.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
let client: OpenApiClient;
beforeEach(async () => {
  world = await TestServer.start();
  client = await OpenApiClient.of(world.address);
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

describe("the documentation of the API", () => {
  it("knows every route, each by a name of its own", () => {
    const routes = apiRoutes({} as RouteTools).map(({ method, path, name }) => [
      name,
      `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
    ]);
    const documented = [...client.operations.values()].map(({ operationId, method, path }) => [
      operationId,
      `${method} ${path}`,
    ]);
    expect(documented.sort()).toEqual(routes.sort());
    expect(new Set(routes.map(([name]) => name)).size).toBe(routes.length);
  });

  it("is there without a token, and says which parameters, headers and bodies there are", () => {
    const operation = client.operations.get("applyOperations");
    expect(operation?.parameters.map(({ name }) => name)).toEqual([
      "id",
      "user_id",
      "Idempotency-Key",
      "If-Match",
    ]);
    const { schema } = operation!.requestBody!.content["application/json"]!;
    expect(schema?.required).toEqual(["operations"]);
    expect(schema?.properties?.["operations"]?.items?.oneOf).toHaveLength(5);
  });
});

/** A call of an operation with parameters and a body that fit its documentation, or nearly. */
function drawn({ parameters, requestBody }: ApiOperation, rng: Random, wildness: number): CallInput {
  const wanted = parameters.filter(
    ({ required, name }) => required || name === "user_id" || rng.int(2) === 0,
  );
  const values = wanted.map(({ name, in: where, schema }) => {
    const value = sampleOf(schema, rng, where === "query" ? wildness : 0);
    return [name, name === "user_id" ? "ann" : typeof value === "object" ? JSON.stringify(value) : value];
  });
  const [schema] = Object.values(requestBody?.content ?? {}).map((one) => one.schema);
  const body = schema ? sampleOf(schema, rng, wildness) : Uint8Array.of(rng.int(256));
  return { ...Object.fromEntries(values), ...(requestBody && { body }) };
}

describe("whatever fits the documentation, or nearly", () => {
  it.each(seeds(20))("is answered as documented, and breaks nothing, seed %i", async (seed) => {
    const rng = random(seed);
    const operations = [...client.operations.values()].sort((a, b) =>
      a.operationId < b.operationId ? -1 : 1,
    );
    const statuses = new Map<number, number>();
    await client.call("createDocument", { user_id: "ann", body: { doc_id: "page", text: "Dear all" } });
    for (let step = 0; step < 60; step++) {
      const operation = operations[rng.int(operations.length)]!;
      // Deleting at every turn would leave little to read.
      if (operation.operationId === "deleteDocument" && rng.int(4) > 0) continue;
      const { status, body } = await client.call(
        operation.operationId,
        drawn(operation, rng, rng.int(3) * 6),
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status, `step ${step}: ${operation.operationId} ${JSON.stringify(body)}`).toBeLessThan(500);
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(statuses.get(200) ?? 0, JSON.stringify([...statuses])).toBeGreaterThan(3);
  });
});
