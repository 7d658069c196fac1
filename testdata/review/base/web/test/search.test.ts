import { describe, expect, it } from "vitest";
import { SearchController, type Parcel } from "../src/index.js";
import type { SearchView } from "../src/tracking/search.js";
import { parcel } from "./fixtures.js";

class RecordingView implements SearchView {
  readonly calls: string[] = [];
  show(parcels: Parcel[]): void {
    this.calls.push(`show ${parcels.map((item) => item.trackingCode).join(",")}`);
  }
  fail(message: string): void {
    this.calls.push(`fail ${message}`);
  }
  clear(): void {
    this.calls.push("clear");
  }
}

describe("SearchController", () => {
  it("clears for a short query", async () => {
    const view = new RecordingView();
    await new SearchController(async () => [parcel()], view).update(" HL ");
    expect(view.calls).toEqual(["clear"]);
  });

  it("shows what it finds", async () => {
    const view = new RecordingView();
    await new SearchController(async () => [parcel()], view).update("HL-7");
    expect(view.calls).toEqual(["show HL-7Q2K9D"]);
  });

  it("drops the answer of an older query", async () => {
    const view = new RecordingView();
    const waiting = new Map<string, (parcels: Parcel[]) => void>();
    const controller = new SearchController(
      (query) => new Promise((resolve) => waiting.set(query, resolve)),
      view,
    );
    const older = controller.update("HL-7");
    const newer = controller.update("HL-7Q");
    waiting.get("HL-7Q")?.([parcel()]);
    waiting.get("HL-7")?.([parcel({ trackingCode: "HL-70OLD0" })]);
    await Promise.all([older, newer]);
    expect(view.calls).toEqual(["show HL-7Q2K9D"]);
  });

  it("shows the message of a failure", async () => {
    const view = new RecordingView();
    const failing = new SearchController(() => Promise.reject(new Error("no network")), view);
    await failing.update("HL-7");
    expect(view.calls).toEqual(["fail no network"]);
  });
});
