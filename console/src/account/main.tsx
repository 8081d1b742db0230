import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { RegisteredRouter } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../index.css';
import './account.css';
import { applyTheme } from '../state/settings.ts';
import { makeRouter } from './routes.tsx';
import { queryClient } from './state/queries.ts';
import { applyLanguage } from './words/speech.ts';

applyTheme();
applyLanguage();

// The types of the router library know one router per project, and that is the console's.
const router = makeRouter() as unknown as RegisteredRouter;
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
