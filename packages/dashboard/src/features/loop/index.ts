export { LoopPage } from './loop-page.tsx';
