export { type EvaluateParams, type Evaluation, evaluate } from './evaluate.ts';
