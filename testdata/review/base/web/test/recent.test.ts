import { describe, expect, it } from "vitest";
import { RecentCodes } from "../src/index.js";
import { MAX_RECENT } from "../src/storage/recent.js";

function memoryStore(initial: string | null = null) {
  let value = initial;
  return {
    getItem: () => value,
    setItem: (_key: string, text: string) => {
      value = text;
    },
  };
}

describe("RecentCodes", () => {
  it("starts empty", () => {
    expect(new RecentCodes(memoryStore()).list()).toEqual([]);
  });

  it("puts the newest first and keeps each once", () => {
    const recent = new RecentCodes(memoryStore());
    recent.add("HL-A");
    recent.add("HL-B");
    recent.add("HL-A");
    expect(recent.list()).toEqual(["HL-A", "HL-B"]);
  });

  it("forgets the oldest", () => {
    const recent = new RecentCodes(memoryStore());
    for (let n = 0; n < MAX_RECENT + 2; n += 1) {
      recent.add(`HL-${n}`);
    }
    expect(recent.list()).toHaveLength(MAX_RECENT);
    expect(recent.list()[0]).toBe(`HL-${MAX_RECENT + 1}`);
  });

  it("ignores stored values of another shape", () => {
    expect(new RecentCodes(memoryStore('{"a":1}')).list()).toEqual([]);
    expect(new RecentCodes(memoryStore('["HL-A",3]')).list()).toEqual(["HL-A"]);
  });
});
