// Files on their way into a library: sent in pieces to the page's server, then looked for until they are imported.
import { signal } from "@preact/signals";
import { type Answer, call, Problem, send } from "./api";
import type { RejectedFile, RejectedPage } from "./schema";
import { refresh } from "./store";
import { textOf } from "./words/problems";

export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

export type UploadState = "queued" | "sending" | "waiting" | "arrived" | "sidecar" | "rejected" | "failed";

export interface Upload {
  readonly id: number;
  readonly persona: string;
  readonly path: string;
  readonly file: File;
  readonly state: UploadState;
  readonly sent: number;
  readonly photo: string | null;
  readonly key: string;
  readonly detail: string;
  readonly before: Promise<Rejections>;
  // Whether the bucket had another file, or none.
  readonly isNew: boolean;
}

// Rejected files by their key in the library.
type Rejections = ReadonlyMap<string, RejectedFile>;

interface Progress {
  readonly offset: number;
  readonly photo_id?: string | null;
  readonly key?: string;
  readonly sent?: boolean;
}

const PIECE = 4_000_000;
const AT_ONCE = 3;
const ASKED_AT_ONCE = 10;
const [FIRST_PAUSE, LONGEST_PAUSE] = [500, 5_000];

export const uploads = signal<readonly Upload[]>([]);
let last = 0;
let asking = false;

export function add(persona: string, files: readonly DroppedFile[]): void {
  // A rejection from before says nothing of a file that is sent now.
  const before = readRejections(persona).catch(() => new Map());
  const added = files.map(({ path, file }) => ({
    ...{ id: ++last, persona, path, file, state: "queued" as const, sent: 0 },
    ...{ photo: null, key: "", detail: "", before, isNew: true },
  }));
  uploads.value = [...uploads.value, ...added];
  start();
}

// Those that failed go on where they stopped.
export function goOn(): void {
  for (const { id, state } of uploads.value) if (state === "failed") change(id, { state: "queued", detail: "" });
  start();
}

function change(id: number, changes: Partial<Upload>): void {
  uploads.value = uploads.value.map((each) => (each.id === id ? { ...each, ...changes } : each));
}

const inState = (state: UploadState) => uploads.value.filter((each) => each.state === state);

function start(): void {
  for (const next of inState("queued").slice(0, Math.max(0, AT_ONCE - inState("sending").length))) {
    change(next.id, { state: "sending" });
    void transfer(next).finally(start);
  }
}

async function transfer({ id, persona, path, file, before }: Upload): Promise<void> {
  const address = `/uploads/${[persona, ...path.split("/")].map(encodeURIComponent).join("/")}`;
  const version = { size: file.size, modified: file.lastModified };
  try {
    await before;
    let progress = (await send("GET", address, version)) as Progress;
    do {
      const { offset } = progress;
      const piece = file.slice(offset, offset + PIECE);
      progress = (await send("PUT", address, { ...version, offset }, piece)) as Progress;
      change(id, { sent: progress.offset });
    } while (progress.key === undefined);
    const photo = progress.photo_id ?? null;
    change(id, { state: photo ? "waiting" : "sidecar", photo, key: progress.key, isNew: progress.sent ?? true });
    if (!asking) void ask();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    change(id, { state: "failed", detail: textOf(error) });
  }
}

async function ask(): Promise<void> {
  asking = true;
  let pause = FIRST_PAUSE;
  try {
    while (inState("waiting").length) {
      await Promise.all(inState("waiting").slice(0, ASKED_AT_ONCE).map(look));
      await findRejected();
      if (inState("waiting").length) await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 1.5, LONGEST_PAUSE);
    }
  } finally {
    asking = false;
  }
  await refresh();
}

async function look({ id, persona, photo }: Upload): Promise<void> {
  try {
    await call("getPhoto", { parameters: { persona_id: persona, photo } });
    change(id, { state: "arrived" });
  } catch (error) {
    // Not imported yet; another problem shows in the banner.
    if (!(error instanceof Problem)) throw error;
  }
}

async function findRejected(): Promise<void> {
  for (const persona of new Set(inState("waiting").map((each) => each.persona))) {
    try {
      const rejections = await readRejections(persona);
      for (const { id, key, before, isNew } of inState("waiting")) {
        const rejected = rejections.get(key);
        const isOld = isNew && rejected?.at === (await before).get(key)?.at;
        if (rejected && !isOld) change(id, { state: "rejected", detail: rejected.summary });
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
}

async function readRejections(persona: string): Promise<Rejections> {
  const files: RejectedFile[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer<RejectedPage> = await call("listRejected", { parameters: { persona_id: persona }, query: { limit: 100, cursor } });
    files.push(...page.body.rejected);
    cursor = page.body.cursor ?? null;
  } while (cursor);
  return new Map(files.map((file) => [file.key, file]));
}

// A tab that closes asks first while files are sent.
addEventListener("beforeunload", (event) => {
  if (inState("queued").length + inState("sending").length) event.preventDefault();
});

// What was dropped, with the files of its folders.
export async function filesOf(transfer: DataTransfer): Promise<DroppedFile[]> {
  // Both are gone once the event is over.
  const items = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files = items.map(async ({ entry, file }) => (entry ? filesIn(entry) : file ? [{ path: file.name, file }] : []));
  return (await Promise.all(files)).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (entry.name.startsWith(".")) return [];
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: DroppedFile[] = [];
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    files.push(...(await Promise.all(entries.map(filesIn))).flat());
  }
}
