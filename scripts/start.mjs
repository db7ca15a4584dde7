import { launch } from './ranloop.mjs';

await launch(['start', ...process.argv.slice(2)]);
