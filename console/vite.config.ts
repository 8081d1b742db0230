import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Three pages, `index.html` (the console), `docs.html` (the API reference) and `account.html` (what people do with their
 * account, served at /account), all with assets under /console/assets/.
 * Script and link tags carry `nonce="__NONCE__"`, which the server replaces in every answer; the meta tag hands the same
 * nonce to the chunks that are loaded later.
 */
export default defineConfig({
  root: here('.'),
  base: '/console/',
  plugins: [react(), tailwindcss()],
  // Its sources, so that the pages are built with what stands there and not with an older build of it.
  resolve: { alias: { '@rampart/client': here('../client/src/index.ts') } },
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing inlined: `font-src 'self'` and `img-src 'self'` stay true without data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: here('./index.html'), docs: here('./docs.html'), account: here('./account.html') },
    },
  },
  server: {
    proxy: {
      '/admin': 'http://127.0.0.1:4610',
      '/auth': 'http://127.0.0.1:4610',
      '/openapi.json': 'http://127.0.0.1:4610',
    },
  },
});
