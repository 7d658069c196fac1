export { ApiError, TrackingClient, type ClientOptions } from "./api/client.js";
export type { LockerSlot, Parcel, ParcelSize, ParcelStatus, TrackingEvent } from "./api/types.gen.js";
export { formatHours, isOpen, parseClock, type OpeningHours, type Week } from "./lockers/hours.js";
export { freeBySize, occupancyPercent, pickSlot } from "./lockers/slots.js";
export { RecentCodes } from "./storage/recent.js";
export { SearchController } from "./tracking/search.js";
export { isFinal, labelFor, timeline } from "./tracking/timeline.js";
export { mountMessage, mountParcelCard } from "./ui/parcelCard.js";
