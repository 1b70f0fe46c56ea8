/** Whether there is such a day. @param month from 1 */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Whether six digits can be a day whose century is not said, in the order year, month, day. */
export const isShortDay = (digits: string): boolean =>
  isDay(2000 + Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6)));

/** The same in the order day, month, year. */
export const isShortDayFirst = (digits: string): boolean =>
  isShortDay(`${digits.slice(4, 6)}${digits.slice(2, 4)}${digits.slice(0, 2)}`);
