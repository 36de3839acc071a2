// The run's token and what the server says of itself: exchanged once for the code in the address, kept for this tab.
const HELD = "shutterpost-session";

interface Session {
  readonly token: string;
  readonly read_only?: boolean;
}

export async function openSession(): Promise<boolean> {
  const once = /^#once=([\w-]+)$/.exec(location.hash)?.[1];
  if (once) {
    history.replaceState(null, "", "/");
    const response = await fetch("/session", { method: "POST", body: once });
    if (response.ok) sessionStorage.setItem(HELD, JSON.stringify(await response.json()));
  }
  return session() !== null;
}

function session(): Session | null {
  return JSON.parse(sessionStorage.getItem(HELD) ?? "null") as Session | null;
}

export function token(): string {
  return session()?.token ?? "";
}

export function readsOnly(): boolean {
  return session()?.read_only ?? false;
}
