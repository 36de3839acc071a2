// What to say of a problem: of those that every view can meet the page's own words, of others the API's.
import type { Problem } from "../api";
import { words } from ".";

const KNOWN: Readonly<Record<string, string>> = {
  offline: words.offline,
  throttled: words.throttled,
  "session-ended": words.sessionEnded,
  "credentials-missing": words.credentials,
};

export function textOf({ kind, message }: Problem): string {
  return KNOWN[kind] ?? (message || words.offline);
}
