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
  // When a view reads again by itself, in seconds; 0 where a person acts.
  seconds = 0;

  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
    // What else the problem says, such as the post in a slot.
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  // Whether the same read can succeed later with nothing changed.
  get passes(): boolean {
    return PASSING.includes(this.kind);
  }
}

// No answer from the page's server or from the API, too many requests, an ended login.
const PASSING = ["offline", "no-answer", "throttled", "credentials-missing"];
const OFFLINE = 0;
// API Gateway's and Lambda's own refusals, which are no problems of the API.
const THROTTLED = [429, 503];

export async function call<Name extends Operation>(name: Name, given: Call = {}): Promise<Answer<Responses[Name]>> {
  const [method, path, takesBody] = OPERATIONS[name];
  const content = given.body ?? (takesBody ? {} : undefined);
  const headers: Record<string, string> = { "x-shutterpost": token() };
  if (content !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = given.key ?? crypto.randomUUID();
  if (given.ifMatch) headers["if-match"] = given.ifMatch;
  if (given.ifNoneMatch) headers["if-none-match"] = given.ifNoneMatch;
  const body = content === undefined ? null : JSON.stringify(content);
  const address = `/api${filled(path, given.parameters)}${queryOf(given.query)}`;
  const { response, content: answer } = await exchange(address, { method, headers, body });
  return { status: response.status, body: answer as Responses[Name], etag: response.headers.get("etag") };
}

// A request to the page's own server, outside of the API.
export async function send(method: string, address: string, query: Values, body: Blob | null = null): Promise<unknown> {
  const headers = { "x-shutterpost": token() };
  return (await exchange(`${address}${queryOf(query)}`, { method, headers, body })).content;
}

async function exchange(address: string, request: RequestInit): Promise<{ response: Response; content: unknown }> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch {
    throw new Problem(OFFLINE, "offline", "");
  }
  const content = response.status === 304 || response.status === 204 ? null : await response.json().catch(() => ({}));
  if (response.status >= 400) throw problemOf(response.status, content as Partial<Record<string, string>>);
  return { response, content };
}

function filled(path: string, values: Values = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

function queryOf(values: Values = {}): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

function problemOf(status: number, content: Partial<Record<string, string>>): Problem {
  const kind = content.type?.split(":").at(-1) ?? (THROTTLED.includes(status) ? "throttled" : "");
  return new Problem(status, kind, content.detail ?? "", content);
}
