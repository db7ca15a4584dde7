import type { Task } from '../../api/tracking.ts';

/** Of a finished task as it was measured, of a running one until now. */
export function durationSeconds(task: Task, now: number): number | undefined {
  const started = task.started ? new Date(task.started).getTime() : Number.NaN;
  if (Number.isNaN(started)) return undefined;
  if (task.status === 'in_progress') return Math.max(0, (now - started) / 1000);
  const completed = task.completed ? new Date(task.completed).getTime() : Number.NaN;
  if (!Number.isNaN(completed) && completed >= started) return (completed - started) / 1000;
  return task.active_duration;
}
