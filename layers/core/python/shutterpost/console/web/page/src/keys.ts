// The keys of the shown views. Single keys act where the focus is on the page itself, never in a field or a dialog.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface Key {
  // One key, or several in a row, such as "g t".
  readonly keys: string;
  readonly text: string;
  // null where the element with the focus acts itself, and the list alone shows the key.
  readonly run: (() => void) | null;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly Key[];
}

const HELD = "shutterpost-single-keys";
const NEXT_WITHIN = 1_500;
const FIELDS = "input, select, textarea, [contenteditable]";

export const singleKeys = signal(localStorage.getItem(HELD) !== "off");
export const keyGroups = signal<readonly { readonly current: KeyGroup }[]>([]);

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  localStorage.setItem(HELD, on ? "on" : "off");
}

// The keys of a component while it is shown. A later component's key goes before an earlier one's.
export function useKeys(title: string, keys: readonly Key[]): void {
  const group = useRef<KeyGroup>({ title, keys });
  group.current = { title, keys };
  useLayoutEffect(() => {
    keyGroups.value = [group, ...keyGroups.value];
    return () => {
      keyGroups.value = keyGroups.value.filter((each) => each !== group);
    };
  }, []);
}

let before = "";
let timer: ReturnType<typeof setTimeout> | undefined;

export function followKeys(): void {
  addEventListener("keydown", (event) => {
    if (!singleKeys.value || event.defaultPrevented || !isOnPage(event)) return;
    const pressed = before ? `${before} ${event.key}` : event.key;
    remember("");
    const keys = keyGroups.value.flatMap((group) => group.current.keys).filter((key) => key.run);
    const match = keys.find((key) => key.keys === pressed);
    if (match?.run) {
      event.preventDefault();
      match.run();
    } else if (keys.some((key) => key.keys.startsWith(`${pressed} `))) {
      remember(pressed);
    }
  });
}

function isOnPage(event: KeyboardEvent): boolean {
  const { target } = event;
  if (hasModifier(event) || !(target instanceof HTMLElement)) return false;
  const onView = target === document.body || target.closest("main, .notices") !== null;
  return onView && !target.closest(FIELDS) && !document.querySelector("dialog[open]");
}

// German keyboards have `[` and `]` on AltGr, on a Mac on Option.
function hasModifier(event: KeyboardEvent): boolean {
  const composes = event.getModifierState("AltGraph") || (event.altKey && !event.ctrlKey && /^[^\p{L}\d\s]$/u.test(event.key));
  return event.metaKey || ((event.ctrlKey || event.altKey) && !composes);
}

function remember(keys: string): void {
  clearTimeout(timer);
  before = keys;
  if (keys) timer = setTimeout(() => remember(""), NEXT_WITHIN);
}
