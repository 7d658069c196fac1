import { describe, expect, it } from "vitest";
import { ApiError, TrackingClient } from "../src/index.js";
import { parcel } from "./fixtures.js";

function clientAnswering(status: number, body: unknown, seen: string[] = []): TrackingClient {
  return new TrackingClient({
    baseUrl: "https://track.harbourline.example/",
    fetch: async (input) => {
      seen.push(String(input));
      return new Response(JSON.stringify(body), { status });
    },
  });
}

describe("TrackingClient", () => {
  it("reads a parcel", async () => {
    const seen: string[] = [];
    const found = await clientAnswering(200, parcel(), seen).parcel("HL-7Q2K9D");
    expect(found?.status).toBe("in_locker");
    expect(seen).toEqual(["https://track.harbourline.example/v1/parcels/HL-7Q2K9D"]);
  });

  it("escapes the code", async () => {
    const seen: string[] = [];
    await clientAnswering(404, {}, seen).parcel("a/b?c");
    expect(seen[0]).toContain("/v1/parcels/a%2Fb%3Fc");
  });

  it("gives null for an unknown parcel", async () => {
    expect(await clientAnswering(404, {}).parcel("HL-000000")).toBeNull();
  });

  it("refuses an answer of another shape", async () => {
    await expect(clientAnswering(200, { trackingCode: 5 }).parcel("HL-7Q2K9D")).rejects.toThrow();
  });

  it("reports errors with their status", async () => {
    const failure = clientAnswering(503, {}).search("HL-7");
    await expect(failure).rejects.toBeInstanceOf(ApiError);
    await expect(failure).rejects.toMatchObject({ status: 503 });
  });
});
