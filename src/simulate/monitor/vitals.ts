import { VitalomeError } from "../../errors.js";
import { createRandom, type Random } from "../random.js";
import { createDeliveryQueue, type Delivery, type DeviceRecord } from "./delivery.js";
import { courseOf, type Course, type Episode } from "./episode.js";
import { createPhysiology, type Physiology } from "./physiology.js";
import { POISON, POISON_KINDS } from "./poison.js";
import { DELIVERY, EVERY_SECONDS, FIRST_WITHIN_SECONDS, SIGNALS, SPOT_CHECK } from "./tables.js";

export interface Bed {
  readonly patientId: string;
}

export interface VitalsRequest {
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  readonly beds: readonly Bed[];
  /** Milliseconds since the epoch; what is simulated begins here. */
  readonly start: number;
  /** How long, in seconds; Infinity goes on for ever. */
  readonly seconds: number;
  /** Samples of the monitor's signals a second; default 1. */
  readonly rate?: number;
  readonly episodes?: readonly Episode[];
  /** Shares, 0 to 1, of records that come late, that come twice, and that a poisonous one follows. Default 0. */
  readonly late?: number;
  readonly duplicates?: number;
  readonly poison?: number;
  /**
   * How many times faster than lived its times run; default 1. Then what takes an hour is stamped and delivered within one of so
   * many parts of it, while delays on the way and wrong clocks stay as long as they are.
   */
  readonly squeeze?: number;
  /** Says in each record when it is received, for a service whose time comes from its input. Default false. */
  readonly statesReceipt?: boolean;
}

export const SIMULATED_QUALITY = "simulated";

interface Device {
  readonly deviceId: string;
  session: number;
  sequence: number;
}

interface SimulatedBed {
  readonly bed: Bed;
  readonly physiology: Physiology;
  readonly courses: readonly Course[];
  readonly monitor: Device;
  readonly tablet: Device;
  readonly delivery: Random;
  /** Milliseconds its samples lie behind those of a bed without one. */
  readonly phaseMs: number;
  /** Seconds its slower measurements lie behind the start. */
  readonly slowPhase: number;
}

/**
 * What the monitors of some beds, and the people who look in on them, send in a while: in order of delivery. Nobody is
 * measured, and each record says so. The same request gives the same bytes; options of delivery change no reading, only when,
 * how often and beside what it comes. Memory: what is on its way.
 */
export function* vitalsOf(request: VitalsRequest): Generator<Delivery, undefined, undefined> {
  const { seed, start, seconds, rate = 1, squeeze = 1 } = check(request);
  const courses = (request.episodes ?? []).map(courseOf);
  const beds = request.beds.map((bed, index) => openBed(request, bed, index, courses));
  const everyMs = 1000 / rate;
  const queue = createDeliveryQueue();
  const stampedMs = (atMs: number): number => Math.round(atMs / squeeze);
  const boot = `${String(seed)}-${start.toString(36)}`;

  for (let tick = 0; tick * everyMs < seconds * 1000; tick += 1) {
    for (const own of beds) {
      const atMs = Math.round(tick * everyMs + own.phaseMs);
      if (atMs >= seconds * 1000) continue;
      const at = atMs / 1000;
      for (const course of own.courses) {
        if (course.endsSession === true && isDue(at, everyMs / 1000, course.until, Infinity)) {
          own.monitor.session += 1;
          own.monitor.sequence = 0;
        }
      }
      const active = own.courses.filter(({ from, until }) => at >= from && at < until);
      const clockMs = active.reduce((sum, course) => sum + (course.clockMs ?? 0), 0);
      const isLost = active.some((course) => course.isLost === true);
      const add = (
        device: Device,
        code: string,
        value: number | string,
        unit: string | null,
        aheadMs: number,
      ): void => {
        device.sequence += 1;
        const record: DeviceRecord = {
          deviceId: device.deviceId,
          session: `${boot}-${String(device.session)}`,
          sequence: device.sequence,
          patientId: own.bed.patientId,
          code,
          value,
          ...(unit === null ? {} : { unit }),
          eventTime: new Date(start + stampedMs(atMs) + aheadMs).toISOString(),
          quality: [SIMULATED_QUALITY],
          simulated: true,
        };
        send(
          request,
          own.delivery,
          record,
          stampedMs(atMs),
          everyMs / squeeze,
          device === own.monitor && isLost,
          queue.add,
        );
      };
      const isOn = !active.some((course) => course.isMonitorSilent === true);
      for (const { name, code, unit, every } of isOn ? SIGNALS : []) {
        const isTime = every === "sample" || isDue(at, everyMs / 1000, own.slowPhase, EVERY_SECONDS[every]!);
        const value = isTime ? own.physiology.signal(name, at) : null;
        if (value !== null) add(own.monitor, code, value, unit, clockMs);
      }
      if (isDue(at, everyMs / 1000, own.slowPhase, EVERY_SECONDS["spotCheck"]!)) {
        const { consciousness, inspiredOxygen } = SPOT_CHECK;
        add(own.tablet, consciousness.code, own.physiology.consciousness(at), consciousness.unit, 0);
        add(own.tablet, inspiredOxygen.code, own.physiology.inspiredOxygen(at), inspiredOxygen.unit, 0);
      }
    }
    // Whatever comes of later samples is delivered after them.
    yield* queue.before(Math.floor(((tick + 1) * everyMs) / squeeze));
  }
  yield* queue.before(Infinity);
}

function openBed({ seed, rate = 1 }: VitalsRequest, bed: Bed, index: number, courses: readonly Course[]): SimulatedBed {
  const { patientId } = bed;
  const random = createRandom(seed, "bed", patientId);
  const number = String(index + 1);
  return {
    bed,
    physiology: createPhysiology(seed, patientId, courses),
    courses: courses.filter((course) => course.patientId === patientId),
    monitor: { deviceId: `simulated-monitor-${number}`, session: 1, sequence: 0 },
    tablet: { deviceId: `simulated-tablet-${number}`, session: 1, sequence: 0 },
    delivery: createRandom(seed, "delivery", patientId),
    phaseMs: random.unit() * (1000 / rate),
    slowPhase: random.unit() * FIRST_WITHIN_SECONDS,
  };
}

/** Whether a measurement that is due at a phase, and at equal distances behind it, falls between the sample before and this one. */
function isDue(at: number, step: number, phase: number, every: number): boolean {
  if (at < phase) return false;
  const before = at - step;
  return before < phase || Math.floor((at - phase) / every) > Math.floor((before - phase) / every);
}

/** The same draws for each record whatever is asked for, so that an option moves no other. */
function send(
  request: VitalsRequest,
  random: Random,
  record: DeviceRecord,
  atMs: number,
  everyMs: number,
  isLost: boolean,
  add: (delivery: Delivery) => void,
): void {
  const [isLate, lateness, isTwice, again, isFollowed, kind] = [
    random.unit() < (request.late ?? 0),
    random.exponential(),
    random.unit() < (request.duplicates ?? 0),
    random.unit(),
    random.unit() < (request.poison ?? 0),
    random.below(POISON_KINDS.length),
  ];
  if (isLost) return;
  const { latencyMs, late, duplicateWithinSeconds } = DELIVERY;
  const latency = Math.floor(Math.min(latencyMs, everyMs / 2));
  const lateMs = 1000 * Math.min(late.mostSeconds, late.leastSeconds + late.meanSeconds * lateness);
  const { seconds, squeeze = 1 } = request;
  // Nobody waits for the late when all else is over: they come at the end.
  const endMs = Math.max((seconds * 1000) / squeeze, atMs + latency);
  const arrivesMs = Math.round(Math.min(endMs, atMs + latency + (isLate ? lateMs : 0)));
  const deliver = (deliverAfterMs: number, fault: Delivery["fault"]): void => {
    const receivedAt = new Date(request.start + deliverAfterMs).toISOString();
    const sent = request.statesReceipt === true ? { ...record, receivedAt } : record;
    const line = fault === "poison" ? POISON[POISON_KINDS[kind]!]!(sent) : JSON.stringify(sent);
    add({ deliverAfterMs, line, record: fault === "poison" ? null : sent, fault });
  };
  deliver(arrivesMs, isLate ? "late" : null);
  if (isTwice) deliver(Math.round(Math.min(endMs, arrivesMs + 1000 * duplicateWithinSeconds * again)), "duplicate");
  if (isFollowed) deliver(arrivesMs, "poison");
}

function check(request: VitalsRequest): VitalsRequest {
  const { seed, beds, seconds, rate = 1, squeeze = 1 } = request;
  whole("seed", seed, 0, 0xffffffff);
  whole("beds", beds.length, 1, 10_000);
  if (new Set(beds.map(({ patientId }) => patientId)).size < beds.length) throw wrong("beds", "one bed per patient");
  if (!(seconds > 0)) throw wrong("seconds", "more than 0");
  if (!(rate > 0 && rate <= 100)) throw wrong("rate", "more than 0 and at most 100 samples a second");
  if (!(squeeze >= 1 && squeeze <= 1e6)) throw wrong("squeeze", "1 to 1,000,000 times");
  for (const name of ["late", "duplicates", "poison"] as const) {
    const share = request[name] ?? 0;
    if (!(share >= 0 && share <= 1)) throw wrong(name, "a share from 0 to 1");
  }
  for (const { patientId } of request.episodes ?? []) {
    if (!beds.some((bed) => bed.patientId === patientId)) throw wrong("episode", `a bed of ${patientId}`);
  }
  return request;
}

function whole(field: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw wrong(field, `a whole number from ${String(least)} to ${String(most)}`);
}

function wrong(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}`, { details: { field, expected } });
}
