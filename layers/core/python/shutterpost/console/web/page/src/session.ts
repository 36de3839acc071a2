// The run's token: exchanged once for the code in the address, and kept for this tab.
const HELD = "shutterpost-token";

export async function openSession(): Promise<boolean> {
  const once = /^#once=([\w-]+)$/.exec(location.hash)?.[1];
  if (once) {
    history.replaceState(null, "", "/");
    const response = await fetch("/session", { method: "POST", body: once });
    if (response.ok) sessionStorage.setItem(HELD, ((await response.json()) as { token: string }).token);
  }
  return sessionStorage.getItem(HELD) !== null;
}

export function token(): string {
  return sessionStorage.getItem(HELD) ?? "";
}
