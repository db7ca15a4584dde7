export { RanPage } from './ran-page.tsx';
