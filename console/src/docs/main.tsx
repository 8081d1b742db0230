import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../index.css';
import { applyTheme } from '../state/settings.ts';
import { Reference } from './reference.tsx';

applyTheme();
const container = document.querySelector('#root');
if (container) {
  createRoot(container).render(
    <StrictMode>
      <Reference />
    </StrictMode>,
  );
}
