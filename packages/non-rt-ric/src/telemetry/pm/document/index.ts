export { createPmParser, type ObjectValues, type PmHeader } from './parse.ts';
export { documentProblem } from './problem.ts';
