import { EVENT_TYPES, type EventType } from '@ranloop/contracts/tracking';
import { md5 } from '../store/ids.ts';
import { isObject, type Parameters } from '../wire/parameters.ts';

interface Head {
  readonly owner: string;
  readonly ofModel: boolean;
  readonly allowLocked: boolean;
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly worker: string;
}
interface Series extends Head {
  readonly iter: number;
  readonly metric: string;
  readonly variant: string;
}
export interface Scalar extends Series {
  readonly type: 'training_stats_scalar';
  readonly value: number | null;
  readonly label: string | undefined;
}
/** A plot, a debug image or a vector: what is particular to it is in `payload`. */
export interface Sample extends Series {
  readonly type: 'training_stats_vector' | 'training_debug_image' | 'plot';
  readonly identity: string;
  readonly payload: Parameters;
}
export interface LogLine extends Head {
  readonly type: 'log';
  readonly level: string;
  readonly msg: string;
  readonly metric: string;
  readonly variant: string;
  readonly iter: number | null;
}
export type ParsedEvent = Scalar | Sample | LogLine;

/** An event that is refused does not fail its batch: the reason is counted. */
export type Outcome = { readonly event: ParsedEvent } | { readonly error: string };

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

export function parseEvent(given: Parameters, defaults: { worker: string; now: number }): Outcome {
  const type = typeOf(given['type']);
  if (type === undefined) return { error: "Event must have a 'type' field" };
  if (!TYPES.has(type)) return { error: `Invalid event type ${type}` };
  const ofModel = given['model_event'] === true;
  const owner = ownerOf(given, ofModel);
  if (owner === undefined) return { error: "Event must have a 'task' field" };
  return type === 'training_stats_scalar'
    ? parseScalar(headOf(given, owner, defaults), given)
    : parseOther(type as Exclude<EventType, 'training_stats_scalar'>, headOf(given, owner, defaults), given);
}

function typeOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || TYPES.has(given)) return typeof given === 'string' ? given : undefined;
  return given.trim().replaceAll(' ', '_');
}

function ownerOf(given: Parameters, ofModel: boolean): string | undefined {
  const owner = (ofModel ? given['model'] : undefined) ?? given['task'];
  return typeof owner === 'string' && owner !== '' ? owner : undefined;
}

function headOf(given: Parameters, owner: string, defaults: { worker: string; now: number }): Head {
  return {
    owner,
    ofModel: given['model_event'] === true,
    allowLocked: given['allow_locked'] === true,
    ts: timestamp(given['timestamp'] ?? given['ts']) ?? defaults.now,
    worker: textOr(given['worker'], defaults.worker),
  };
}

const OUT_OF_RANGE: Outcome = { error: 'Iteration is out of range' };
const NO_NUMBER: Outcome = { error: 'Value is not a number' };

/** Most events are scalars, so theirs is the short way: no object is built but the one that is returned. */
function parseScalar({ owner, ofModel, allowLocked, ts, worker }: Head, given: Parameters): Outcome {
  const iter = iteration(given['iter']);
  if (iter === undefined) return OUT_OF_RANGE;
  const value = number(given['value']);
  if (value === undefined) return NO_NUMBER;
  const label = given['x_axis_label'];
  const metric = textOr(given['metric'], '');
  const variant = textOr(given['variant'], '');
  const named = typeof label === 'string' ? label : undefined;
  return {
    event: {
      type: 'training_stats_scalar',
      owner,
      ofModel,
      allowLocked,
      ts,
      worker,
      iter,
      metric,
      variant,
      value,
      label: named,
    },
  };
}

function parseOther(type: Exclude<EventType, 'training_stats_scalar'>, head: Head, given: Parameters): Outcome {
  if (type === 'log') {
    if (head.ofModel) return { error: 'Task log events are not supported for models' };
    const iter = given['iter'] === undefined || given['iter'] === null ? null : iteration(given['iter']);
    if (iter === undefined) return OUT_OF_RANGE;
    const level = textOr(given['level'], 'info').toLowerCase();
    const names = { metric: textOr(given['metric'], ''), variant: textOr(given['variant'], '') };
    return { event: { ...head, type, level, msg: textOr(given['msg'], ''), ...names, iter } };
  }
  const iter = iteration(given['iter']);
  if (iter === undefined) return OUT_OF_RANGE;
  const series = { ...head, iter, metric: textOr(given['metric'], ''), variant: textOr(given['variant'], '') };
  const payload = payloadOf(type, given);
  if (typeof payload === 'string') return { error: payload };
  return { event: { ...series, type, identity: identityOf(given, series), payload } };
}

function payloadOf(type: Sample['type'], given: Parameters): Parameters | string {
  if (type === 'training_stats_vector') {
    const values = given['values'] ?? given['value'] ?? [];
    return Array.isArray(values) ? { value: values } : "The 'values' of a vector event must be a list";
  }
  if (type === 'plot') {
    const figure = given['plot_str'] ?? '';
    if (typeof figure === 'string') return { plot_str: figure };
    return isObject(figure) ? { plot_str: JSON.stringify(figure) } : "The 'plot_str' of a plot event must be text";
  }
  return { key: textOr(given['key'], ''), url: textOr(given['url'], '') };
}

/** The API's own identity of an event: a second one with the same fields takes the place of the first. */
function identityOf(given: Parameters, { owner, iter, metric, variant }: Series): string {
  const key = typeof given['key'] === 'string' && given['key'] !== '' ? [given['key']] : [];
  return md5([owner, String(iter), metric, variant, ...key].join('-'));
}

function textOr(value: unknown, fallback: string): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : fallback;
}

/** Iterations arrive as integers, floats or text. Beyond 2^53 neighbours can no longer be told apart. */
function iteration(value: unknown): number | undefined {
  if (value === undefined || value === null) return 0;
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof parsed !== 'number') return undefined;
  const whole = Math.trunc(parsed);
  return Math.abs(whole) <= 2 ** 53 ? whole + 0 : undefined;
}

/** Absent is null: such a scalar is kept but counts for nothing. NaN and the infinities are numbers here. */
function number(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof parsed === 'number' && !(typeof value === 'string' && Number.isNaN(parsed)) ? parsed : undefined;
}

const LATEST_MS = 8.64e15;

function timestamp(value: unknown): number | undefined {
  const parsed = typeof value === 'string' ? Number(value) : value;
  if (typeof parsed !== 'number' || !(Math.abs(parsed) <= LATEST_MS)) return undefined;
  return Math.trunc(parsed);
}
