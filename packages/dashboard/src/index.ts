import { fileURLToPath } from 'node:url';

/** The folder of the built pages, for a host to serve; the entry of the browser is main.tsx. `npm run build` fills it. */
export const dashboardFolder: string = fileURLToPath(new URL('../dist', import.meta.url));
