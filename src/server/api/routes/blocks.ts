import { z } from 'zod';
import { NotFoundError, ValidationError } from '../../../core/errors.ts';
import type { StoredBlock } from '../../data/index.ts';
import { announceBlocks } from '../announce.ts';
import { audited } from '../audit.ts';
import { addressOf, type Caller, nameOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { blockEntry, blockPreview, blocksAnswer } from '../schemas.ts';
import { canonicalTarget } from '../target.ts';
import type { BlockEntry, BlockPreview, BlocksAnswer } from '../types.ts';

/** A year. */
const MAX_MINUTES = 525_600;
const PREVIEW_MS = 86_400_000;

const target = z.string().trim().min(2).max(64);
const newBlock = z.strictObject({
  target: target.meta({ description: 'Address or range.', example: '203.0.113.7' }),
  minutes: z.int().min(1).max(MAX_MINUTES).nullable().meta({ description: 'null for ever.', example: 60 }),
  reason: z.string().trim().min(1).max(500),
});
const byId = z.object({ id: z.string().max(100) });
type NewBlockBody = z.infer<typeof newBlock>;

/** A block as the console shows it. */
export function blockEntryOf(block: StoredBlock, ports: ApiPorts): BlockEntry {
  return {
    id: block.id,
    target: block.target,
    reason: block.reason,
    createdBy: block.createdBy,
    createdAtMs: block.createdAtMs,
    expiresAtMs: block.expiresAtMs,
    hits: ports.blocks.hits(block.id),
  };
}

/** The block list. */
export function blockRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/blocks',
      access: 'viewer',
      tag: 'Blocks',
      summary: 'List the blocks in force',
      answer: { status: 200, about: 'Newest first.', schema: blocksAnswer },
      handle: async () => {
        const standing = await ports.stores.blocks.standing(ports.clock.now());
        const answer: BlocksAnswer = { blocks: standing.map((block) => blockEntryOf(block, ports)) };
        return json(answer);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/blocks/preview',
      access: 'analyst',
      tag: 'Blocks',
      summary: 'See whom a block would have hit in the last 24 hours',
      body: z.strictObject({ target }),
      answer: { status: 200, about: 'Counted back to all traffic.', schema: blockPreview },
      handle: ({ c, body }) => preview(ports, c, body.target),
    }),
    route({
      method: 'POST',
      path: '/admin/blocks',
      access: 'analyst',
      tag: 'Blocks',
      summary: 'Block an address or range',
      about:
        'Acts on every node within a second. Your own address, loopback and the never-block list are refused.',
      body: newBlock,
      answer: { status: 201, about: 'The block.', schema: blockEntry },
      refusals: [409],
      handle: ({ c, caller, body }) => add(ports, c, caller, body),
    }),
    route({
      method: 'DELETE',
      path: '/admin/blocks/:id',
      access: 'analyst',
      tag: 'Blocks',
      summary: 'Lift a block',
      params: byId,
      answer: { status: 204, about: 'Lifted.' },
      refusals: [404],
      handle: ({ c, caller, params }) => remove(ports, c, caller, params.id),
    }),
    route({
      method: 'POST',
      path: '/admin/blocks/:id/restore',
      access: 'analyst',
      tag: 'Blocks',
      summary: 'Undo the lifting of a block',
      params: byId,
      answer: { status: 200, about: 'The block, with its old end.', schema: blockEntry },
      refusals: [404, 409],
      handle: ({ c, caller, params }) => restore(ports, c, caller, params.id),
    }),
  ];
}

function ownAddresses(c: ApiContext): readonly string[] {
  const address = addressOf(c);
  return address === 'unknown' ? [] : [address];
}

function invalidTarget(code: string, message: string): ValidationError {
  return new ValidationError(message, { details: [{ field: 'target', code, message }] });
}

async function preview(ports: ApiPorts, c: ApiContext, given: string): Promise<Response> {
  const canonical = canonicalTarget(given);
  if (canonical === undefined) {
    throw invalidTarget('NOT_A_TARGET', 'Write an address or a range such as 203.0.113.0/24.');
  }
  const refused = ports.blocks.refuses(canonical, ownAddresses(c))?.text ?? null;
  const hit = await ports.stores.decisions.trafficOf(canonical, ports.clock.now() - PREVIEW_MS);
  return json({ target: canonical, ...hit, refused } satisfies BlockPreview);
}

async function add(ports: ApiPorts, c: ApiContext, caller: Caller, body: NewBlockBody): Promise<Response> {
  const canonical = canonicalTarget(body.target);
  if (canonical === undefined) {
    throw invalidTarget('NOT_A_TARGET', 'Write an address or a range such as 203.0.113.0/24.');
  }
  const refused = ports.blocks.refuses(canonical, ownAddresses(c));
  if (refused) throw invalidTarget(refused.code.toUpperCase().replaceAll('-', '_'), refused.text);
  const nowMs = ports.clock.now();
  const block = await audited(ports, c, caller, 'BLOCK_ADDED', async (sql) => {
    const added = await ports.stores.blocks.add(
      sql,
      {
        target: canonical,
        reason: body.reason,
        createdBy: nameOf(caller),
        expiresAtMs: body.minutes === null ? null : nowMs + body.minutes * 60_000,
      },
      nowMs,
    );
    const details = { id: added.id, minutes: body.minutes, reason: body.reason };
    return { value: added, event: { subject: canonical, details } };
  });
  if (!block) throw new Error('The block was not added.');
  await announceBlocks(ports);
  return json(blockEntryOf(block, ports), 201);
}

async function remove(ports: ApiPorts, c: ApiContext, caller: Caller, id: string): Promise<Response> {
  const nowMs = ports.clock.now();
  const block = await audited(ports, c, caller, 'BLOCK_REMOVED', async (sql) => {
    const removed = await ports.stores.blocks.remove(sql, id, nameOf(caller), nowMs);
    return removed && { value: removed, event: { subject: removed.target, details: { id } } };
  });
  if (!block) throw new NotFoundError('There is no such block, or it has been lifted already.');
  await announceBlocks(ports);
  return empty();
}

async function restore(ports: ApiPorts, c: ApiContext, caller: Caller, id: string): Promise<Response> {
  const nowMs = ports.clock.now();
  const block = await audited(ports, c, caller, 'BLOCK_ADDED', async (sql) => {
    const restored = await ports.stores.blocks.restore(sql, id, nowMs);
    if (!restored) return undefined;
    // The list may have learnt of new never-block ranges, and another person may ask than the first time.
    const refused = ports.blocks.refuses(restored.target, ownAddresses(c));
    if (refused) throw invalidTarget(refused.code.toUpperCase().replaceAll('-', '_'), refused.text);
    return { value: restored, event: { subject: restored.target, details: { id, restored: true } } };
  });
  if (!block) throw new NotFoundError('There is no lifted block of this id.');
  await announceBlocks(ports);
  return json(blockEntryOf(block, ports));
}
