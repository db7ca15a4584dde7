import { FreeObject, NoParameters, TRACKING_VERSIONS } from '@ranloop/contracts/tracking';
import type { Core } from '../core.ts';
import { type Endpoint, endpoint } from '../wire/endpoint.ts';

export function serverEndpoints(_core: Core): Endpoint[] {
  return [
    endpoint({ name: 'debug.ping', since: '2.9', open: true, body: FreeObject, run: (body) => body }),
    endpoint({
      name: 'server.info',
      body: NoParameters,
      run: () => ({
        version: TRACKING_VERSIONS.server,
        build: TRACKING_VERSIONS.build,
        commit: '',
        uid: 'ranloop',
        api_version: TRACKING_VERSIONS.api,
      }),
    }),
  ];
}
