// Where an entry is published: its channel, with its account where the persona has several there.
import type { CalendarEntry } from "../schema";

export function placeOf({ channel, account_name }: CalendarEntry): string {
  return account_name ? `${channel} ${account_name}` : channel;
}
