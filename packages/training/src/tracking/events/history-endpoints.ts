import { ImageSample, NextSample, PlotSample } from '@ranloop/contracts/tracking';
import type { Static } from 'typebox';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { cursorNumber, cursorText, readCursor, writeCursor } from './cursor.ts';
import { type Extent, type History, type Position, readExtent, type Step, stepFrom, stepTo } from './history.ts';
import { requireOwner } from './scope.ts';

type Type = History['type'];

const NEWEST = 2 ** 53;

/** What a scroll id of these walks holds. */
interface Walk extends Position {
  readonly task: string;
  readonly type: Type;
  /** Whether the walk stays with its metric. */
  readonly current: boolean;
}

export function historyEndpoints(core: Core): Endpoint[] {
  return [
    endpoint({
      name: 'events.get_debug_image_sample',
      since: '2.12',
      body: ImageSample,
      run: (body) => begin(core, 'training_debug_image', body),
    }),
    endpoint({
      name: 'events.next_debug_image_sample',
      since: '2.12',
      body: NextSample,
      run: (body) => next(core, 'training_debug_image', body),
    }),
    endpoint({
      name: 'events.get_plot_sample',
      since: '2.20',
      body: PlotSample,
      run: (body) => begin(core, 'plot', { ...body, variant: '' }),
    }),
    endpoint({
      name: 'events.next_plot_sample',
      since: '2.20',
      body: NextSample,
      run: (body) => next(core, 'plot', body),
    }),
  ];
}

/** The sample of an iteration, or the nearest before it; the newest when none is named. */
async function begin(core: Core, type: Type, body: Static<typeof ImageSample>) {
  const { task, metric, variant, iteration, scroll_id, navigate_current_metric: current = true, model_events } = body;
  await requireOwner(core.db, task, model_events);
  if (scroll_id) {
    const walk = readWalk(scroll_id, { task, type });
    if (walk.current !== current || (current && walk.metric !== metric))
      throw new ApiError('invalidScrollId', { scroll_id }, 'it belongs to a walk through other metrics');
  }
  const history = { owner: task, type, metric: current ? metric : undefined };
  const step = await stepTo(core.db, history, { iteration: iteration ?? NEWEST, metric, variant });
  const extent = step?.extent ?? (await readExtent(core.db, history, { metric, variant }));
  // Where there is nothing yet the walk stands before everything.
  const place = step ? placeOf(step) : { iteration: iteration ?? -NEWEST, metric, variant };
  return answer({ ...place, task, type, current }, step, extent);
}

async function next(core: Core, type: Type, body: Static<typeof NextSample>) {
  const { task, scroll_id, navigate_earlier: earlier = true, next_iteration = false, model_events } = body;
  await requireOwner(core.db, task, model_events);
  const walk = readWalk(scroll_id, { task, type });
  const history = { owner: task, type, metric: walk.current ? walk.metric : undefined };
  const nextIteration = next_iteration || (type === 'plot' && walk.current);
  const step = await stepFrom(core.db, history, walk, { earlier, nextIteration });
  // At either end the walk stays where it is.
  return answer(step ? { ...walk, ...placeOf(step) } : walk, step, step?.extent);
}

function placeOf({ events }: Step): Position {
  const [first] = events;
  if (!first) throw new ApiError('general');
  return { iteration: first.iter, metric: first.metric, variant: first.variant };
}

function answer(walk: Walk, step: Step | undefined, extent: Extent | undefined) {
  return {
    scroll_id: writeCursor(walk),
    ...(walk.type === 'plot' ? { events: step?.events ?? [] } : { event: step?.events[0] ?? null }),
    min_iteration: extent?.low ?? null,
    max_iteration: extent?.high ?? null,
  };
}

function readWalk(scrollId: string, { task, type }: { task: string; type: Type }): Walk {
  const state = readCursor(scrollId);
  if (state['task'] !== task || state['type'] !== type || typeof state['current'] !== 'boolean')
    throw new ApiError('invalidScrollId', { scroll_id: scrollId });
  return {
    task,
    type,
    current: state['current'],
    iteration: cursorNumber(state, 'iteration'),
    metric: cursorText(state, 'metric'),
    variant: cursorText(state, 'variant'),
  };
}
