import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { createQueries } from './queries.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

export function App() {
  const [{ queries, router }] = useState(() => {
    const router = createAppRouter();
    const queries = createQueries(() => {
      const { pathname, href } = router.state.location;
      if (pathname !== '/login') void router.navigate({ to: '/login', search: { next: href } });
    });
    return { queries, router };
  });
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
