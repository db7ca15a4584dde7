export * from './account.ts';
export * from './events.ts';
export * from './models.ts';
export * from './projects.ts';
export * from './query.ts';
export * from './queues.ts';
export * from './tasks.ts';
export * from './workers.ts';
