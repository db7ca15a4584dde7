import {
  NoParameters,
  type Query,
  Query as QuerySchema,
  ReportsCreate,
  ReportsDelete,
  ReportsMove,
  ReportsNote,
  ReportsUpdate,
} from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { type Core, transaction } from '../core.ts';
import { announce, changeStatusIn } from '../tasks/status.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';
import { ApiError } from '../wire/errors.ts';
import { archiveReport, createReport, deleteReport, moveReport, updateReport } from './edit.ts';
import { listReports } from './list.ts';
import { lockReport } from './store.ts';
import { createTaskData } from './task-data.ts';

export function reportEndpoints(core: Core): Endpoint[] {
  return [...readers(core), ...writers(core)];
}

function readers(core: Core): Endpoint[] {
  const taskData = createTaskData(core);
  return [
    endpoint({
      name: 'reports.get_all_ex',
      body: QuerySchema,
      run: (body, call) => listReports(core, body as Query, call),
    }),
    endpoint({
      name: 'reports.get_task_data',
      body: QuerySchema,
      run: (body, call) => taskData(body as Query, call),
    }),
    endpoint({
      name: 'reports.get_tags',
      body: NoParameters,
      run: async () => {
        const { rows } = await sql<{ tag: string }>`select distinct tag collate "C" as tag
          from tracking.tasks, unnest(tags) tag where type = 'report' order by 1 limit 10000`.execute(core.db);
        return { tags: rows.map(({ tag }) => tag) };
      },
    }),
  ];
}

function writers(core: Core): Endpoint[] {
  const archive = (archived: boolean) =>
    endpoint({
      name: archived ? 'reports.archive' : 'reports.unarchive',
      body: ReportsNote,
      run: async ({ task, comment, message = comment }, { identity }) => {
        await archiveReport(core, { task, note: message, archived, user: identity.user });
        return archived ? { archived: 1 } : { unarchived: 1 };
      },
    });
  return [
    endpoint({
      name: 'reports.create',
      body: ReportsCreate,
      run: (body, { identity }) => createReport(core, body, identity.user),
    }),
    endpoint({
      name: 'reports.update',
      body: ReportsUpdate,
      run: (body, { identity }) => updateReport(core, body, identity.user),
    }),
    endpoint({
      name: 'reports.move',
      body: ReportsMove,
      run: (body, { identity, nulls }) => {
        // Null is the top.
        if (body.project === undefined && !body.project_name && !nulls.includes('project'))
          throw new ApiError('missingFields', { fields: ['project or project_name'] });
        return moveReport(core, body, identity.user);
      },
    }),
    endpoint({
      name: 'reports.publish',
      body: ReportsNote,
      run: async ({ task, comment, message = comment }, { identity }) => {
        const change = { task, to: 'published' as const, user: identity.user, force: true, status_message: message };
        const changed = await transaction(core, async (trx) => {
          await lockReport(trx, task);
          return changeStatusIn(trx, change);
        });
        announce(core, change);
        return changed;
      },
    }),
    archive(true),
    archive(false),
    endpoint({ name: 'reports.delete', body: ReportsDelete, run: (body) => deleteReport(core, body) }),
  ];
}
