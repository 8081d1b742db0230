import { describe, expect, it } from 'vitest';
import { type Detection, readDetection } from '../../src/modules/detect/index.ts';
import type { EventEntry, EventsAnswer } from '../../src/server/api/types.ts';
import { eventually } from '../scenarios/server.ts';
import { newEmail, newPerson, someAddress } from './person.ts';
import { onEachColumn, type Stage } from './stage.ts';
import { Visitor } from './visitor.ts';

const WRONG = 'not the password at all';

onEachColumn('detection', (stage) => {
  describe('what is attempted over HTTP', () => {
    it('is seen as one attack, whichever node it hits, and told once', async () => {
      const person = await newPerson(stage.server());
      for (const node of nodesOf(stage, 3))
        await new Visitor(node.port, { address: someAddress() }).post('/auth/sign-in', {
          email: person.email,
          password: WRONG,
        });
      const [found, ...more] = await told(stage, 'BRUTE_FORCE_ATTEMPT', (one) => one.subject === person.id);
      expect(more).toEqual([]);
      expect(found).toMatchObject({
        rule: 'coordinated_sign_in',
        severity: 'HIGH',
        count: 3,
        value: 3,
        countedBy: stage.column === 'redis-down' ? 'local' : 'shared',
      });
    });

    it('keeps accounts apart of which there are none', async () => {
      const [first, second] = [newEmail('nobody'), newEmail('nobody')];
      for (const node of nodesOf(stage, 5))
        await new Visitor(node.port, { address: someAddress() }).post('/auth/sign-in', {
          email: first,
          password: WRONG,
        });
      for (const node of nodesOf(stage, 4))
        await new Visitor(node.port, { address: someAddress() }).post('/auth/sign-in', {
          email: second,
          password: WRONG,
        });
      const found = await told(
        stage,
        'SUSPICIOUS_ACTIVITY',
        (one) => one.rule === 'failed_logins_by_account',
      );
      expect(found.filter((one) => one.subject === undefined)).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain(first);
    });

    it('sees what is written in the transaction of an act: a new administrator', async () => {
      const server = stage.server();
      const person = await newPerson(server);
      const { status } = await server.ask('POST', `/admin/users/${person.id}/roles`, {
        roles: ['administrator'],
      });
      expect(status).toBeLessThan(300);
      const [found] = await told(stage, 'SUSPICIOUS_ACTIVITY', (one) => one.rule === 'new_admin');
      expect(found).toMatchObject({ subject: person.id, severity: 'HIGH', group: { subject: person.id } });
    });
  });
});

/** Nodes to ask one after the other; all by the first one where each counts alone. */
function nodesOf(stage: Stage, count: number) {
  const both = stage.column === 'redis-down' ? [stage.server()] : [stage.server(), stage.other()];
  return Array.from({ length: count }, (_, i) => both[i % both.length] as ReturnType<Stage['server']>);
}

/** Detections of a type, as the event explorer shows them. */
async function told(
  stage: Stage,
  type: string,
  wanted: (one: Detection) => boolean,
): Promise<readonly Detection[]> {
  const read = async (): Promise<readonly Detection[]> => {
    const { body } = await stage.server().ask<EventsAnswer>('GET', `/admin/events?type=${type}&limit=200`);
    return body.events
      .map(detectionIn)
      .filter((one) => one !== undefined && wanted(one)) as readonly Detection[];
  };
  return eventually(read, (found) => found.length > 0);
}

function detectionIn({
  actor: _actor,
  subject,
  address,
  route,
  ...event
}: EventEntry): Detection | undefined {
  return readDetection({
    ...event,
    ...(subject === null ? {} : { subject }),
    ...(address === null ? {} : { address }),
    ...(route === null ? {} : { route }),
  });
}
