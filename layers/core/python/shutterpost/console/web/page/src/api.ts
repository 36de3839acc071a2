// Calls of the API by their operation, and its problems as errors.
import { OPERATIONS, type Responses } from "./schema";
import { token } from "./session";

export type Operation = keyof Responses;
type Values = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Call {
  readonly parameters?: Values;
  readonly query?: Values;
  readonly body?: unknown;
  // The same key repeats the same request; a new one is made where none is given.
  readonly key?: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly etag: string | null;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
  ) {
    super(detail);
  }
}

const OFFLINE = 0;

export async function call<Name extends Operation>(name: Name, given: Call = {}): Promise<Answer<Responses[Name]>> {
  const [method, path] = OPERATIONS[name];
  const headers: Record<string, string> = { "x-shutterpost": token() };
  if (given.body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = given.key ?? crypto.randomUUID();
  if (given.ifMatch) headers["if-match"] = given.ifMatch;
  if (given.ifNoneMatch) headers["if-none-match"] = given.ifNoneMatch;
  const body = given.body === undefined ? null : JSON.stringify(given.body);
  let response: Response;
  try {
    response = await fetch(`/api${filled(path, given.parameters)}${queryOf(given.query)}`, { method, headers, body });
  } catch {
    throw new Problem(OFFLINE, "offline", "");
  }
  const content = response.status === 304 || response.status === 204 ? null : await response.json();
  if (response.status >= 400) throw problemOf(response.status, content as Partial<Record<string, string>>);
  return { status: response.status, body: content as Responses[Name], etag: response.headers.get("etag") };
}

function filled(path: string, values: Values = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

function queryOf(values: Values = {}): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

function problemOf(status: number, content: Partial<Record<string, string>>): Problem {
  return new Problem(status, content.type?.split(":").at(-1) ?? "", content.detail ?? "");
}
