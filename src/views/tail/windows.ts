import type { VitalWindowed } from "../../domain/events/observation.js";
import { createTimeColumn, type TimeColumn } from "./time-column.js";

/** A window as it is kept, under patient, code and size. */
export type KeptWindow = Omit<VitalWindowed, "schema" | "patientId" | "code" | "size">;

/** Windows by patient, code, size and start; of several versions the one that has read furthest. */
export interface Windows {
  /** False for a repeat, or an older version. */
  add(window: VitalWindowed): boolean;
  /** Windows that begin in the range, oldest first. */
  in(patientId: string, code: string, size: string, from: number, to: number): Generator<KeptWindow>;
  at(patientId: string, code: string, size: string, start: number): KeptWindow | undefined;
}

interface Series {
  readonly column: TimeColumn;
  readonly windows: KeptWindow[];
}

export function createWindows(): Windows {
  const patients = new Map<string, Map<string, Series>>();

  const find = (patientId: string, code: string, size: string): Series | undefined =>
    patients.get(patientId)?.get(`${code}/${size}`);

  function seriesOf({ patientId, code, size }: VitalWindowed): Series {
    const known = find(patientId, code, size);
    if (known !== undefined) return known;
    const series = { column: createTimeColumn(() => false), windows: [] };
    const own = patients.get(patientId) ?? new Map<string, Series>();
    patients.set(patientId, own.set(`${code}/${size}`, series));
    return series;
  }

  return {
    add(window) {
      const { column, windows } = seriesOf(window);
      const { schema: _schema, patientId: _patient, code: _code, size: _size, ...kept } = window;
      const place = column.at(window.start);
      const known = place === undefined ? undefined : windows[place];
      if (place === undefined || known === undefined) {
        windows.push(kept);
        column.insert(window.start, windows.length - 1, 0);
        return true;
      }
      if (BigInt(known.throughOffset) >= BigInt(window.throughOffset)) return false;
      windows[place] = kept;
      return true;
    },
    *in(patientId, code, size, from, to) {
      const series = find(patientId, code, size);
      for (const { value } of series?.column.forward(from, to) ?? []) {
        const window = series?.windows[value];
        if (window !== undefined) yield window;
      }
    },
    at(patientId, code, size, start) {
      const series = find(patientId, code, size);
      const place = series?.column.at(start);
      return place === undefined ? undefined : series?.windows[place];
    },
  };
}
