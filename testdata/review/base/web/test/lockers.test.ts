import { describe, expect, it } from "vitest";
import {
  formatHours,
  freeBySize,
  isOpen,
  occupancyPercent,
  parseClock,
  pickSlot,
  type Week,
} from "../src/index.js";
import { slot } from "./fixtures.js";

describe("pickSlot", () => {
  it("takes the smallest slot that fits", () => {
    expect(pickSlot([slot(1, "XL"), slot(2, "M"), slot(3, "L")], "M")?.number).toBe(2);
  });

  it("passes over taken slots", () => {
    expect(pickSlot([slot(1, "S", false), slot(2, "L")], "S")?.number).toBe(2);
  });

  it("prefers the lower number", () => {
    expect(pickSlot([slot(9, "M"), slot(4, "M")], "M")?.number).toBe(4);
  });

  it("finds nothing when no slot is large enough", () => {
    expect(pickSlot([slot(1, "S"), slot(2, "M")], "L")).toBeNull();
  });
});

describe("counts", () => {
  it("counts free slots by size", () => {
    const slots = [slot(1, "S"), slot(2, "S", false), slot(3, "XL")];
    expect(freeBySize(slots)).toEqual({ S: 1, M: 0, L: 0, XL: 1 });
    expect(occupancyPercent(slots)).toBe(33);
  });

  it("has no occupancy without slots", () => {
    expect(occupancyPercent([])).toBe(0);
  });
});

describe("opening hours", () => {
  const week: Week = [{ opens: 420, closes: 1320 }, null];

  it("is closed from the closing minute on", () => {
    expect(isOpen(week, 0, 420)).toBe(true);
    expect(isOpen(week, 0, 1319)).toBe(true);
    expect(isOpen(week, 0, 1320)).toBe(false);
    expect(isOpen(week, 1, 600)).toBe(false);
  });

  it("reads times of day", () => {
    expect(parseClock("07:05")).toBe(425);
    expect(parseClock("24:00")).toBe(1440);
    expect(() => parseClock("24:01")).toThrow(RangeError);
  });

  it("writes hours", () => {
    expect(formatHours({ opens: 420, closes: 1320 })).toBe("07:00–22:00");
    expect(formatHours({ opens: 0, closes: 1440 })).toBe("day and night");
    expect(formatHours(null)).toBe("closed");
  });
});
