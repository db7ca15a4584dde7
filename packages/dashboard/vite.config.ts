import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const to = (target: string, strip?: string) => ({
  target,
  ...(strip ? { rewrite: (path: string) => path.slice(strip.length) } : {}),
});

/** The same paths as the composition serves, on the default ports; an origin of its own only while developing. */
const proxy = {
  '/api': to('http://127.0.0.1:8008', '/api'),
  '/files': to('http://127.0.0.1:8081', '/files'),
  '/r1': to('http://127.0.0.1:9081'),
  '/a1-policy-management': to('http://127.0.0.1:9081'),
  '/ric/': to('http://127.0.0.1:10080', '/ric'),
  '/inference': to('http://127.0.0.1:9082', '/inference'),
  '/loop': to('http://127.0.0.1:8080'),
};

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy },
  preview: { port: 4173, proxy },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      treeshake: {
        // Both are pure: a module of theirs that no page uses does nothing, and its schemas stay out of the bundle.
        moduleSideEffects: [{ test: /packages\/(contracts|sdk)\//, sideEffects: false }],
      },
    },
  },
});
