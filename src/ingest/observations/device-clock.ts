import { LIVE } from "../../domain/observation/live.js";
import type { JudgeState } from "./state.js";

/** Begins the keys of this part of the state. */
export const CLOCKS = "clocks/";

/** A device whose readings come with more than the allowed lateness, in their order. */
interface Lag {
  readonly device: string;
  /** Receipt of the first of them, and their number. */
  readonly since: number;
  readonly readings: number;
  /** The greatest delay since then. */
  readonly delay: number;
  /** Latest device time, and receipt. */
  readonly newest: number;
  readonly touched: number;
}

/** What is wrong with the clock behind a reading's time; `ahead` in milliseconds, negative where it is behind. */
export interface ClockFault {
  readonly flag: "CLOCK_FAST" | "CLOCK_SLOW";
  readonly ahead: number;
}

export interface TimedReading {
  readonly patientId: string;
  /** The device with its session; null where no device is named. */
  readonly device: string | null;
  /** Whether it comes behind a later one of its device; null: nothing but its time tells. */
  readonly isOutOfOrder: boolean | null;
  /** Its source sends all the time; else a delay says nothing of a clock. */
  readonly isContinuous: boolean;
  readonly deviceTime: number;
  readonly receivedAt: number;
}

const { delayMs, spanMs, readings: fewest, shrinkMs, restMs } = LIVE.clockBehind;

/** Null: the time is believed. What it remembers of a device it remembers at once. */
export function clockFaultOf(state: JudgeState, reading: TimedReading): ClockFault | null {
  const { deviceTime, receivedAt } = reading;
  const ahead = deviceTime - receivedAt;
  if (ahead > LIVE.clockAheadMs) return { flag: "CLOCK_FAST", ahead };
  if (deviceTime < LIVE.earliest) return { flag: "CLOCK_SLOW", ahead };
  return isBehind(state, reading) ? { flag: "CLOCK_SLOW", ahead } : null;
}

function isBehind(state: JudgeState, reading: TimedReading): boolean {
  const { patientId, device, deviceTime, receivedAt } = reading;
  if (device === null || !reading.isContinuous) return false;
  const key = `${CLOCKS}${patientId}`;
  const kept = (state.get(key) ?? []) as readonly Lag[];
  const lags = kept.filter(({ touched }) => touched > receivedAt - restMs);
  const own = lags.find((lag) => lag.device === device);
  const others = lags.filter((lag) => lag !== own);
  const delay = receivedAt - deviceTime;
  if (own === undefined && delay <= delayMs) return false;
  // Old readings handed in among new ones say nothing of the clock.
  if (reading.isOutOfOrder ?? (own !== undefined && deviceTime < own.newest)) return false;
  if (delay <= delayMs) {
    state.set(key, others.length === 0 ? null : others);
    return false;
  }
  const isOn = own !== undefined && delay > own.delay - shrinkMs;
  const lag: Lag = {
    device,
    since: isOn ? own.since : receivedAt,
    readings: isOn ? own.readings + 1 : 1,
    delay: isOn ? Math.max(own.delay, delay) : delay,
    newest: deviceTime,
    touched: receivedAt,
  };
  state.set(key, [...others, lag].slice(-LIVE.clocksPerPatient));
  return lag.readings >= fewest && receivedAt - lag.since >= spanMs;
}

/** Whether nothing in an entry counts any more. */
export function areClocksSilent(value: unknown, now: number): boolean {
  return (value as readonly Lag[]).every(({ touched }) => touched <= now - restMs);
}
