export { QueuesPage } from './queues-page.tsx';
export { WorkersPage } from './workers-page.tsx';
