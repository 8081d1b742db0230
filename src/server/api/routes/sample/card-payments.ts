import { z } from 'zod';
import { AppError, AuthorizationError, NotFoundError } from '../../../../core/errors.ts';
import type { EventFields } from '../../../../core/events.ts';
import { newId } from '../../../../core/id.ts';
import { isPan } from '../../../../base/secrets/index.ts';
import { audited, auditNote } from '../../audit.ts';
import type { ApiPorts } from '../../ports.ts';
import { json, route, type Route } from '../../route.ts';
import { askerFor, policy } from './asker.ts';
import { orderRow, seenOrder } from './orders.ts';
import { charge, prefixOf } from './card-gateway.ts';

const CENTS = 100;

const byCard = z.strictObject({
  card: z
    .string()
    .max(30)
    .refine(isPan, 'Check the number of the card.')
    .transform((text) => text.replaceAll(/[ -]/g, ''))
    .meta({ example: '4242 4242 4242 4242' }),
  amount: z.number().min(0.01).max(10_000).multipleOf(0.01).meta({ example: 19 }),
});

/**
 * Pays an order by card, through the test gateway. A payment that went through is one row and `PAYMENT_SUCCEEDED` in one
 * transaction; a declined one leaves `PAYMENT_FAILED` alone. Of the card nothing is kept but its bank.
 */
export function cardPaymentRoute(ports: ApiPorts): Route {
  const { sampleOrders, sampleRows } = ports.stores;
  return route({
    method: 'POST',
    path: '/sample/orders/:id/payment',
    access: 'sample',
    tag: 'Sample: customers',
    summary: 'Pay an order by card',
    about:
      'Needs `payments:create`. The gateway is a test: 4242 4242 4242 4242 and two more test cards go through, every other one is declined.',
    params: z.object({ id: z.string().max(100) }),
    body: byCard,
    answer: {
      status: 201,
      about: 'The payment.',
      schema: z.object({ id: z.string(), orderId: z.string(), payerId: z.string(), amount: z.number() }),
    },
    refusals: [402, 404],
    handle: async ({ c, caller, params, body: { card, amount } }) => {
      const found = await sampleOrders.get(params.id);
      const asker = await askerFor(ports, c, caller);
      const order = seenOrder(asker, found);
      if (!policy.can(asker, 'payments:create', { payer_id: asker.id, order: orderRow(order) }))
        throw new AuthorizationError();
      const paid = charge(card);
      const about: EventFields = {
        actor: asker.id,
        subject: `orders:${order.id}`,
        details: { cardPrefix: prefixOf(card), amountMinor: Math.round(amount * CENTS) },
      };
      if (!paid.approved) {
        const event = {
          ...about,
          outcome: 'failure',
          details: { ...about.details, reason: paid.reason },
        } as const;
        await audited(ports, c, caller, 'PAYMENT_FAILED', () => Promise.resolve({ value: true, event }));
        throw new AppError('The card was declined.', 402, 'CARD_DECLINED');
      }
      const nowMs = ports.clock.now();
      const row = { id: newId('pay', nowMs), order_id: order.id, payer_id: asker.id, amount };
      const note = auditNote(ports, c, caller, 'PAYMENT_SUCCEEDED', about);
      // The filter is asked again in the transaction: an order that is theirs no longer is not paid.
      const filter = policy.accessible(asker, 'payments:create');
      const made = await sampleRows.add('payments', row, filter, nowMs, note.write);
      if (typeof made === 'string') throw new NotFoundError('There is no such order.');
      note.tell();
      return json({ id: row.id, orderId: order.id, payerId: asker.id, amount }, 201, {
        location: `/sample/payments/${row.id}`,
      });
    },
  });
}
