import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import { MAX_TARGET_CHARACTERS, parseTarget } from '../../../modules/shield/index.ts';
import type { StoredBlock } from '../../data/index.ts';
import { announceBlocks } from '../announce.ts';
import { audited } from '../audit.ts';
import { demandBlockable, previewOf, readTarget } from '../block-target.ts';
import { type Caller, nameOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { blockEntry, blockPreview, blocksAnswer } from '../schemas.ts';
import type { BlockEntry, BlocksAnswer } from '../types.ts';

/** A year. */
const MAX_MINUTES = 525_600;

const target = z.string().trim().min(2).max(MAX_TARGET_CHARACTERS);
const newBlock = z.strictObject({
  target: target.meta({
    description: 'Address, range, `asn:64500`, `country:DE`, `user:ID`, `session:ID` or `device:ID`.',
    example: '203.0.113.7',
  }),
  minutes: z.int().min(1).max(MAX_MINUTES).nullable().meta({ description: 'null for ever.', example: 60 }),
  reason: z.string().trim().min(1).max(500),
});
const byId = z.object({ id: z.string().max(100) });
type NewBlockBody = z.infer<typeof newBlock>;

/** A block as the console shows it. */
export function blockEntryOf(block: StoredBlock, ports: ApiPorts): BlockEntry {
  return {
    id: block.id,
    kind: parseTarget(block.target)?.kind ?? 'address',
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
      handle: async ({ c, caller, body }) => json(await previewOf(ports, c, caller, readTarget(body.target))),
    }),
    route({
      method: 'POST',
      path: '/admin/blocks',
      access: 'analyst',
      tag: 'Blocks',
      summary: 'Block an address, range, network, country, user, session or device',
      about:
        'Acts on every node within a second. Refused: what would cover your own address, account, session or device, whoever outranks you, loopback, and the never-block list. Networks and countries need files of places.',
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

async function add(ports: ApiPorts, c: ApiContext, caller: Caller, body: NewBlockBody): Promise<Response> {
  const blocked = readTarget(body.target);
  await demandBlockable(ports, c, caller, blocked);
  const nowMs = ports.clock.now();
  const block = await audited(ports, c, caller, 'BLOCK_ADDED', async (sql) => {
    const added = await ports.stores.blocks.add(
      sql,
      {
        target: blocked.text,
        reason: body.reason,
        createdBy: nameOf(caller),
        expiresAtMs: body.minutes === null ? null : nowMs + body.minutes * 60_000,
      },
      nowMs,
    );
    const details = { id: added.id, minutes: body.minutes, reason: body.reason };
    return { value: added, event: { subject: blocked.text, details } };
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
    await demandBlockable(ports, c, caller, readTarget(restored.target));
    return { value: restored, event: { subject: restored.target, details: { id, restored: true } } };
  });
  if (!block) throw new NotFoundError('There is no lifted block of this id.');
  await announceBlocks(ports);
  return json(blockEntryOf(block, ports));
}
