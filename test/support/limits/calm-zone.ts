/** A time zone whose day does not end within the next hours: a budget of a day stays the same one. */
export function calmZone(): string {
  const zones = ["UTC", "Asia/Tokyo", "America/Los_Angeles"];
  const hourIn = (timeZone: string) => Temporal.Now.zonedDateTimeISO(timeZone).hour;
  return zones.find((zone) => hourIn(zone) >= 4 && hourIn(zone) < 20) ?? "UTC";
}
