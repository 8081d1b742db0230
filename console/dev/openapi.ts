/** A made-up OpenAPI document with the shapes that the reference page must draw. */
const error = {
  description: 'Refused',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
};
const json = (ref: string, example?: unknown): object => ({
  'application/json': {
    schema: { $ref: `#/components/schemas/${ref}` },
    ...(example === undefined ? {} : { example }),
  },
});
const id = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'Identifier of the order.',
};

export const openapi = {
  openapi: '3.1.0',
  info: {
    title: 'Rampart',
    version: '0.1.0',
    description:
      'Every route of this server. Refusals carry a decision id that can be looked up in the console.',
  },
  tags: [
    { name: 'Sample', description: 'A small protected API for the first five minutes.' },
    { name: 'Decisions', description: 'Why requests were let through or refused.' },
    { name: 'Blocks', description: 'Addresses and ranges that are kept out.' },
    { name: 'Health', description: 'For load balancers and monitors.' },
  ],
  paths: {
    '/sample/orders': {
      get: {
        tags: ['Sample'],
        operationId: 'listOrders',
        summary: 'List orders',
        description: 'Newest first. Customers see their own.',
        parameters: [
          {
            name: 'limit',
            in: 'query',
            schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
            description: 'How many at most.',
          },
          { name: 'state', in: 'query', schema: { type: 'string', enum: ['open', 'paid', 'sent'] } },
        ],
        responses: { 200: { description: 'Orders', content: json('OrderList') }, 429: error },
      },
      post: {
        tags: ['Sample'],
        operationId: 'createOrder',
        summary: 'Create an order',
        requestBody: { required: true, content: json('NewOrder', { item: 'Field notes', quantity: 2 }) },
        responses: { 201: { description: 'Created', content: json('Order') }, 400: error, 403: error },
      },
    },
    '/sample/orders/{id}': {
      get: {
        tags: ['Sample'],
        operationId: 'getOrder',
        summary: 'Get an order',
        parameters: [id],
        responses: { 200: { description: 'The order', content: json('Order') }, 404: error },
      },
      delete: {
        tags: ['Sample'],
        operationId: 'deleteOrder',
        summary: 'Delete an order',
        parameters: [id],
        responses: { 204: { description: 'Gone' }, 404: error },
      },
    },
    '/admin/decisions/{id}': {
      get: {
        tags: ['Decisions'],
        operationId: 'getDecision',
        summary: 'Explain a decision',
        description: 'The whole reason tree, computed again where the record kept none.',
        parameters: [{ ...id, description: 'Decision id, `dec_…`.' }],
        security: [{ session: [] }],
        responses: { 200: { description: 'The decision' }, 401: error, 404: error },
      },
    },
    '/admin/blocks': {
      post: {
        tags: ['Blocks'],
        operationId: 'addBlock',
        summary: 'Block an address or range',
        security: [{ session: [] }],
        requestBody: { required: true, content: json('NewBlock') },
        responses: { 201: { description: 'Blocked' }, 400: error, 401: error },
      },
    },
    '/admin/limits/{policy}/reset': {
      post: {
        tags: ['Limits'],
        operationId: 'resetKey',
        summary: 'Reset a key',
        deprecated: true,
        responses: { 200: { description: 'Reset' } },
      },
    },
    '/livez': {
      get: {
        tags: ['Health'],
        operationId: 'livez',
        summary: 'Is the process alive',
        responses: { 200: { description: 'Alive', content: json('Health', { state: 'ok' }) } },
      },
    },
  },
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['id', 'item', 'quantity', 'createdAt'],
        properties: {
          id: { type: 'string', examples: ['ord_81942'] },
          item: { type: 'string', maxLength: 200 },
          quantity: { type: 'integer', minimum: 1, maximum: 99 },
          state: { type: 'string', enum: ['open', 'paid', 'sent'] },
          note: { type: ['string', 'null'] },
          createdAt: { type: 'string', format: 'date-time' },
        },
      },
      NewOrder: {
        type: 'object',
        required: ['item', 'quantity'],
        additionalProperties: false,
        properties: {
          item: { type: 'string', minLength: 1, maxLength: 200, description: 'What is ordered.' },
          quantity: { type: 'integer', minimum: 1, maximum: 99 },
        },
      },
      OrderList: {
        type: 'object',
        properties: {
          orders: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
          next: { type: ['string', 'null'] },
        },
      },
      NewBlock: {
        type: 'object',
        required: ['target', 'minutes', 'reason'],
        properties: {
          target: { type: 'string', description: 'Address or range.', examples: ['203.0.113.7'] },
          minutes: {
            anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }],
            description: '`null` for ever.',
          },
          reason: { type: 'string' },
        },
      },
      Refusal: {
        type: 'object',
        properties: {
          success: { const: false },
          error: {
            type: 'object',
            properties: {
              code: { type: 'string', examples: ['API_RATE_LIMIT_EXCEEDED'] },
              message: { type: 'string' },
              decision: { type: 'string', examples: ['dec_01k9'] },
            },
          },
        },
      },
      Health: { type: 'object', properties: { state: { type: 'string' } } },
    },
    securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Host-rampart' } },
  },
};
