import type { LockerSlot, ParcelSize } from "../api/types.gen.js";

const order: readonly ParcelSize[] = ["S", "M", "L", "XL"];

export function fits(parcel: ParcelSize, slot: ParcelSize): boolean {
  return order.indexOf(parcel) <= order.indexOf(slot);
}

/** The smallest free slot that takes the parcel; of equals, the lowest number. */
export function pickSlot(slots: readonly LockerSlot[], size: ParcelSize): LockerSlot | null {
  const candidates = slots.filter((slot) => slot.free && fits(size, slot.size));
  candidates.sort(
    (a, b) => order.indexOf(a.size) - order.indexOf(b.size) || a.number - b.number,
  );
  return candidates[0] ?? null;
}

export function freeBySize(slots: readonly LockerSlot[]): Record<ParcelSize, number> {
  const counts: Record<ParcelSize, number> = { S: 0, M: 0, L: 0, XL: 0 };
  for (const slot of slots) {
    if (slot.free) {
      counts[slot.size] += 1;
    }
  }
  return counts;
}

export function occupancyPercent(slots: readonly LockerSlot[]): number {
  if (slots.length === 0) {
    return 0;
  }
  const taken = slots.filter((slot) => !slot.free).length;
  return Math.round((taken / slots.length) * 100);
}
