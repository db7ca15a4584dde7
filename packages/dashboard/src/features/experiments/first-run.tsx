import { EmptyState } from '../../ui/empty-state.tsx';

const CONFIGURATION = `# ~/clearml.conf
api {
  api_server: http://127.0.0.1:8008
  web_server: http://127.0.0.1:8080
  files_server: http://127.0.0.1:8081
  credentials {"access_key": "<accessKey>", "secret_key": "<secretKey>"}
}`;

/** The first thing that a newcomer sees here. */
export function FirstRun() {
  return (
    <EmptyState
      title="No experiment yet"
      hint={
        <>
          The loop makes its own when it runs. To report your own with the ClearML SDK for Python, save this file; the
          keys are in <code>credentials.json</code> of the data folder.
        </>
      }
      command={CONFIGURATION}
    />
  );
}
