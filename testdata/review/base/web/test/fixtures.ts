import type { LockerSlot, Parcel, ParcelSize } from "../src/index.js";

export function parcel(overrides: Partial<Parcel> = {}): Parcel {
  return {
    trackingCode: "HL-7Q2K9D",
    size: "M",
    status: "in_locker",
    lockerId: "AMS-014",
    events: [
      { at: "2024-05-01T08:15:00+02:00", status: "announced", place: "Utrecht" },
      { at: "2024-05-02T07:40:00+02:00", status: "in_transit", place: "Amsterdam" },
      { at: "2024-05-02T14:05:00+02:00", status: "in_locker", place: "Amsterdam Zuid" },
    ],
    ...overrides,
  };
}

export function slot(number: number, size: ParcelSize, free = true): LockerSlot {
  return { number, size, free };
}
