import { afterEach, describe, expect, it, vi } from "vitest";
import { relativeTime } from "../src/ui/relativeTime.js";

const now = new Date("2024-05-02T12:00:00Z");

describe("relativeTime", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("uses the vendored script when it is there", () => {
    vi.stubGlobal("microtime", { words: (seconds: number) => `${seconds} s` });
    expect(relativeTime("2024-05-02T12:02:00Z", now)).toBe("120 s");
  });

  it("falls back to the moment itself", () => {
    expect(relativeTime("2024-05-02T14:05:00+02:00", now)).toBe("2024-05-02 12:05");
  });
});
