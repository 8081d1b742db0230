import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queries.ts';
import './index.css';
import { listenToKeys } from './keys/commands.ts';
import { router } from './routes.tsx';
import { applyTheme } from './state/settings.ts';

applyTheme();
listenToKeys();

const container = document.querySelector('#root');
if (container) {
  createRoot(container).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
