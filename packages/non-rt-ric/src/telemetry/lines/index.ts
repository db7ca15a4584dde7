export { registerLines } from './http.ts';
