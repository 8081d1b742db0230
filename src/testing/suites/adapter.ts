import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import type { Gate } from '../../core/gate.ts';
import { type AdapterTraits, type RunningApp, type Scene, Stage, type StartApp } from './adapter-app.ts';
import { bodyGuard, bodyScenarios } from './adapter-bodies.ts';
import { connectionScenarios } from './adapter-connections.ts';
import { answerScenarios } from './adapter-answers.ts';
import { testHouse } from './adapter-house.ts';

/**
 * The behaviour of every adapter, written once as a client over real sockets.
 * @param start builds the application that `StartApp` describes behind the adapter
 */
export function adapterSuite(name: string, start: StartApp, traits: AdapterTraits): void {
  describe(`the ${name} adapter`, () => {
    const stage = new Stage();
    const guards = [bodyGuard(), bodyGuard('shadow')];
    let house = testHouse(guards);
    let app: RunningApp;
    // One application for all tests; behind it each test has a house of its own.
    const gate: Gate = {
      enter: (request) => house.gate.enter(request),
      openBody: (context) => house.gate.openBody?.(context) ?? null,
      leave: (...end) => house.gate.leave(...end),
      fail: (error, context) => house.gate.fail(error, context),
    };
    beforeAll(async () => {
      app = await start(gate, stage);
    });
    beforeEach(() => {
      house = testHouse(guards);
      stage.calls = 0;
    });
    afterEach(() => stage.release());
    afterAll(() => app.close());
    const scene = (): Scene => ({ house, stage, app, port: app.port });
    answerScenarios(scene, traits);
    connectionScenarios(scene);
    bodyScenarios(scene, traits);
  });
}
