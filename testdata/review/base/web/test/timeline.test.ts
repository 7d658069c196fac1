import { describe, expect, it } from "vitest";
import { isFinal, timeline } from "../src/index.js";
import { parcel } from "./fixtures.js";

describe("timeline", () => {
  it("groups by day, newest first", () => {
    const days = timeline(parcel().events, "Europe/Amsterdam");
    expect(days.map((day) => day.day)).toEqual(["2024-05-02", "2024-05-01"]);
    expect(days[0]?.entries.map((entry) => entry.time)).toEqual(["14:05", "07:40"]);
  });

  it("uses the day of the given zone", () => {
    const events = [{ at: "2024-05-31T22:30:00Z", status: "in_transit" as const, place: "Breda" }];
    expect(timeline(events, "Europe/Amsterdam")[0]?.day).toBe("2024-06-01");
    expect(timeline(events, "America/New_York")[0]?.day).toBe("2024-05-31");
  });

  it("leaves its input alone", () => {
    const events = parcel().events;
    const before = events.map((event) => event.at);
    timeline(events, "UTC");
    expect(events.map((event) => event.at)).toEqual(before);
  });

  it("knows the final states", () => {
    expect(isFinal("collected")).toBe(true);
    expect(isFinal("returned")).toBe(true);
    expect(isFinal("in_locker")).toBe(false);
  });
});
