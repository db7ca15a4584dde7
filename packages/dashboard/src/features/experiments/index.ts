export { ExperimentPage } from './experiment-page.tsx';
export { ExperimentsPage } from './experiments-page.tsx';
