// Which rows of equal tiles a window shows. All lengths are CSS pixels.
export interface Layout {
  readonly columns: number;
  // Of a tile and the gap below it.
  readonly pitch: number;
}

export interface Rows {
  readonly first: number;
  readonly end: number;
}

export const GAP = 6;
const TILE = 144;
const FEWEST_COLUMNS = 3;
// Beyond what is visible, above and below.
const SPARE_ROWS = 2;

export function layoutOf(width: number): Layout {
  const columns = Math.max(FEWEST_COLUMNS, Math.floor((width + GAP) / (TILE + GAP)));
  return { columns, pitch: (width + GAP) / columns };
}

// `top` is how far the sheet's top is above the window's.
export function visibleRows(top: number, height: number, pitch: number, rows: number): Rows {
  const first = Math.max(0, Math.floor(top / pitch) - SPARE_ROWS);
  const end = Math.min(rows, Math.ceil((top + height) / pitch) + SPARE_ROWS);
  return { first: Math.min(first, rows), end: Math.max(end, 0) };
}

// Where a key leads from a tile; null where it is no key of the sheet.
export function stepOf(key: string, whole: boolean, at: number, count: number, columns: number, page: number): number | null {
  const start = at - (at % columns);
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    PageUp: Math.max(at - columns * page, at % columns),
    PageDown: at + columns * page,
    Home: whole ? 0 : start,
    End: whole ? count - 1 : start + columns - 1,
  };
  const step = steps[key];
  if (step === undefined) return null;
  if (step < 0) return at;
  // Below the last row there is nothing; into a short last row one comes to its end.
  return Math.min(step, count - 1);
}
