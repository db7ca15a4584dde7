import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ErrorCard } from '../ui/error-card.tsx';
import { NotFound } from './not-found.tsx';
import { PageSkeleton } from './page-skeleton.tsx';
import {
  readDatasetsSearch,
  readExperimentsSearch,
  readFleetSearch,
  readModelsSearch,
  readRanSearch,
} from './search.ts';
import { Shell } from './shell.tsx';

/** Every page is a chunk of its own; the shell alone is in the first load. */
function routes() {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
  const login = createRoute({
    getParentRoute: () => root,
    path: '/login',
    validateSearch: (search: Record<string, unknown>): { next?: string } =>
      // Only a path of this origin: a link must not be able to send a user elsewhere after signing in.
      typeof search['next'] === 'string' && /^\/(?![/\\])/.test(search['next']) ? { next: search['next'] } : {},
    component: lazyRouteComponent(() => import('../features/login/index.ts'), 'LoginPage'),
  });
  const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
  const loop = createRoute({
    getParentRoute: () => shell,
    path: '/',
    component: lazyRouteComponent(() => import('../features/loop/index.ts'), 'LoopPage'),
  });
  const experiments = createRoute({
    getParentRoute: () => shell,
    path: '/experiments',
    validateSearch: readExperimentsSearch,
    component: lazyRouteComponent(() => import('../features/experiments/index.ts'), 'ExperimentsPage'),
  });
  const task = createRoute({
    getParentRoute: () => shell,
    path: '/experiments/$taskId/$tab',
    component: lazyRouteComponent(() => import('../features/experiments/index.ts'), 'ExperimentPage'),
  });
  const taskStart = createRoute({
    getParentRoute: () => shell,
    path: '/experiments/$taskId',
    beforeLoad: ({ params }) => {
      throw redirect({ to: '/experiments/$taskId/$tab', params: { ...params, tab: 'scalars' } });
    },
  });
  const ran = createRoute({
    getParentRoute: () => shell,
    path: '/ran',
    validateSearch: readRanSearch,
    component: lazyRouteComponent(() => import('../features/ran/index.ts'), 'RanPage'),
  });
  const queues = createRoute({
    getParentRoute: () => shell,
    path: '/queues',
    validateSearch: readFleetSearch,
    component: lazyRouteComponent(() => import('../features/fleet/index.ts'), 'QueuesPage'),
  });
  const workers = createRoute({
    getParentRoute: () => shell,
    path: '/workers',
    validateSearch: readFleetSearch,
    component: lazyRouteComponent(() => import('../features/fleet/index.ts'), 'WorkersPage'),
  });
  const models = createRoute({
    getParentRoute: () => shell,
    path: '/models',
    validateSearch: readModelsSearch,
    component: lazyRouteComponent(() => import('../features/models/index.ts'), 'ModelsPage'),
  });
  const model = createRoute({
    getParentRoute: () => shell,
    path: '/models/$modelId',
    component: lazyRouteComponent(() => import('../features/models/index.ts'), 'ModelPage'),
  });
  const datasets = createRoute({
    getParentRoute: () => shell,
    path: '/datasets',
    validateSearch: readDatasetsSearch,
    component: lazyRouteComponent(() => import('../features/datasets/index.ts'), 'DatasetsPage'),
  });
  const dataset = createRoute({
    getParentRoute: () => shell,
    path: '/datasets/$datasetId',
    component: lazyRouteComponent(() => import('../features/datasets/index.ts'), 'DatasetPage'),
  });
  return root.addChildren([
    login,
    shell.addChildren([loop, experiments, taskStart, task, models, model, datasets, dataset, queues, workers, ran]),
  ]);
}

export function createAppRouter() {
  return createRouter({
    routeTree: routes(),
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: ({ error, reset }) => <ErrorCard error={error} onRetry={reset} m="lg" />,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
