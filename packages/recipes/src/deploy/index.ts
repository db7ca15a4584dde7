export { DEPLOYED_TAG, type DeployParams, deploy } from './deploy.ts';
