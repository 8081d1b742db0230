/** An application as somebody has it before `rampart init`. */
export interface FreshApp {
  readonly name: string;
  readonly framework: 'express' | 'fastify' | 'hono';
  readonly files: Readonly<Record<string, string>>;
  /** What starts it; prints a line once it listens. */
  readonly start: readonly string[];
}

const packageOf = (framework: string, more: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ name: 'fresh', version: '1.0.0', ...more, dependencies: { [framework]: '*' } }, null, 2)}\n`;

/** Applications in the shapes that the frameworks' own guides lead to. */
export const FRESH_APPS: readonly FreshApp[] = [
  {
    name: 'Express, require',
    framework: 'express',
    start: ['app.js'],
    files: {
      'package.json': packageOf('express', { main: 'app.js' }),
      'app.js': `const express = require('express')
const app = express()
const port = process.env.PORT || 3000

app.get('/', (req, res) => {
  res.send('hello')
})

app.get('/fail', () => {
  throw new Error('broken')
})

app.listen(port, () => {
  console.log(\`listening on \${port}\`)
})
`,
    },
  },
  {
    name: 'Express, import',
    framework: 'express',
    start: ['index.mjs'],
    files: {
      'package.json': packageOf('express', { scripts: { start: 'node index.mjs' } }),
      'index.mjs': `import express from "express";

const app = express();
app.use(express.json());
app.get("/", (req, res) => res.send("hello"));
app.get("/fail", () => { throw new Error("broken"); });

app.listen(process.env.PORT ?? 3000, () => console.log("listening"));
`,
    },
  },
  {
    name: 'Express, bin/www and app.js',
    framework: 'express',
    start: ['./bin/www'],
    files: {
      'package.json': packageOf('express', { private: true, scripts: { start: 'node ./bin/www' } }),
      'bin/www': `#!/usr/bin/env node

var app = require('../app');
var http = require('http');

var server = http.createServer(app);
server.listen(process.env.PORT || '3000');
server.on('listening', function () {
  console.log('listening');
});
`,
      'app.js': `var express = require('express');
var path = require('path');

var indexRouter = require('./routes/index');

var app = express();

app.use(express.json());
app.use(express.static(path.join(__dirname, 'public')));
app.use('/', indexRouter);

module.exports = app;
`,
      'routes/index.js': `var express = require('express');
var router = express.Router();

router.get('/', function (req, res, next) {
  res.send('hello');
});
router.get('/fail', function () {
  throw new Error('broken');
});

module.exports = router;
`,
    },
  },
  {
    name: 'Express, TypeScript in src',
    framework: 'express',
    start: ['src/server.ts'],
    files: {
      'package.json': packageOf('express', {
        type: 'module',
        scripts: { dev: 'node --watch src/server.ts', build: 'tsc', start: 'node dist/server.js' },
      }),
      'src/server.ts': `import express, { type Request, type Response } from 'express';

export const app = express();

const config = { greeting: 'hello' };

app.route('/').get((_request: Request, response: Response) => {
  response.send(config.greeting);
});
app.get('/fail', () => {
  throw new Error('broken');
});

app.listen(Number(process.env.PORT ?? 3000), () => console.log('listening'));
`,
    },
  },
  {
    name: 'Fastify, require',
    framework: 'fastify',
    start: ['server.js'],
    files: {
      'package.json': packageOf('fastify', { scripts: { start: 'node server.js' } }),
      'server.js': `// Require the framework and instantiate it
const fastify = require('fastify')({
  logger: false
})

// Declare a route
fastify.get('/', function (request, reply) {
  reply.send('hello')
})
fastify.get('/fail', async function () {
  throw new Error('broken')
})

// Run the server!
fastify.listen({ port: process.env.PORT || 3000 }, function (err, address) {
  if (err) {
    fastify.log.error(err)
    process.exit(1)
  }
  console.log(address)
})
`,
    },
  },
  {
    name: 'Fastify, TypeScript',
    framework: 'fastify',
    start: ['index.ts'],
    files: {
      'package.json': packageOf('fastify', { type: 'module', scripts: { start: 'node index.ts' } }),
      'index.ts': `import fastify from 'fastify'

const server = fastify()

server.get('/', async (request, reply) => {
  return 'hello'
})
server.get('/fail', async () => {
  throw new Error('broken')
})

server.listen({ port: Number(process.env.PORT) }, (err, address) => {
  if (err) {
    console.error(err)
    process.exit(1)
  }
  console.log(\`Server listening at \${address}\`)
})
`,
    },
  },
  {
    name: 'Fastify, made in a function',
    framework: 'fastify',
    start: ['main.mjs'],
    files: {
      'package.json': packageOf('fastify', { main: 'main.mjs' }),
      'main.mjs': `import { fastify } from 'fastify';

async function build() {
  const app = fastify();
  app.get('/', async () => 'hello');
  app.get('/fail', async () => {
    throw new Error('broken');
  });
  return app;
}

const app = await build();
console.log(await app.listen({ port: Number(process.env.PORT) }));
`,
    },
  },
  {
    name: 'Hono on Node.js',
    framework: 'hono',
    start: ['src/index.ts'],
    files: {
      'package.json': packageOf('hono', {
        type: 'module',
        scripts: { dev: 'tsx watch src/index.ts', build: 'tsc', start: 'node dist/index.js' },
      }),
      'src/index.ts': `import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { text } from './text.ts'

const app = new Hono()

app.get('/', (c) => {
  return c.text(text)
})
app.get('/fail', () => {
  throw new Error('broken')
})

serve({
  fetch: app.fetch,
  port: Number(process.env.PORT)
}, (info) => {
  console.log(\`Server is running on http://localhost:\${info.port}\`)
})
`,
      'src/text.ts': `export const text = 'hello'\n`,
    },
  },
  {
    name: 'Hono with an application inside another, require',
    framework: 'hono',
    start: ['index.js'],
    files: {
      'package.json': packageOf('hono', { main: 'index.js' }),
      'index.js': `const { Hono } = require('hono');
const { serve } = require('@hono/node-server');

const inner = new Hono();
inner.get('/', (c) => c.text('hello'));
inner.get('/fail', () => {
  throw new Error('broken');
});

const app = new Hono();
app.route('/', inner);

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('listening'));
`,
    },
  },
];
