import { describe, expect, it, vi } from 'vitest';
import { readFreshDetails, StepUpCancelled, withFreshProof } from '../state/step-up.ts';
import { ApiError, endsSession } from './client.ts';
import { faultsOf, refusalWords } from './faults.ts';
import { mayAs, userFilterOf } from './identity.ts';

const stale = (details?: unknown): ApiError =>
  new ApiError(401, 'FRESH_AUTH_REQUIRED', 'Prove it.', null, details);

describe('a refusal', () => {
  it('ends the session only when it says so: a wrong code or a stale proof does not', () => {
    expect(endsSession(new ApiError(401, 'UNAUTHENTICATED', ''))).toBe(true);
    expect(endsSession(stale())).toBe(false);
    expect(endsSession(new ApiError(401, 'INVALID_CODE', ''))).toBe(false);
    expect(endsSession(new ApiError(401, 'INVALID_CREDENTIALS', ''))).toBe(false);
    expect(endsSession(new ApiError(403, 'FORBIDDEN', ''))).toBe(false);
    expect(endsSession(new Error('x'))).toBe(false);
  });

  it('names the faults of fields, the first of each, and shrugs at other shapes', () => {
    const refusal = (details: unknown): ApiError => new ApiError(400, 'VALIDATION_ERROR', '', null, details);
    expect(
      faultsOf(
        refusal([
          { field: 'email', code: 'X', message: 'Not an address.' },
          { field: 'email', code: 'Y', message: 'Second.' },
          null,
          { field: 7, message: 'x' },
        ]),
      ),
    ).toEqual({ email: 'Not an address.' });
    expect(faultsOf(refusal({ factors: [] }))).toEqual({});
    expect(faultsOf(null)).toEqual({});
  });

  it('says in words that nothing was done, and why', () => {
    expect(refusalWords(new ApiError(409, 'CONFLICT', 'This is the last administrator.'))).toBe(
      'Nothing was done. This is the last administrator.',
    );
    expect(refusalWords(new ApiError(404, 'NOT_FOUND', 'There is no such session.'))).toBe(
      'Nothing was done. There is no such session.',
    );
    expect(refusalWords(new ApiError(403, 'FORBIDDEN', 'x'))).toContain('may not');
  });
});

describe('an act that needs a fresh proof', () => {
  it('is done at once where the proof is fresh, without a question', async () => {
    const demand = vi.fn<(details: unknown) => Promise<boolean>>();
    expect(await withFreshProof(async () => 'done', demand)).toBe('done');
    expect(demand).not.toHaveBeenCalled();
  });

  it('is repeated once after the proof', async () => {
    const act = vi.fn<() => Promise<string>>().mockRejectedValueOnce(stale({ factors: ['totp'] }));
    act.mockResolvedValueOnce('done');
    const demand = vi.fn<(details: unknown) => Promise<boolean>>().mockResolvedValue(true);
    expect(await withFreshProof(act, demand)).toBe('done');
    expect(demand).toHaveBeenCalledExactlyOnceWith({ factors: ['totp'] });
    expect(act).toHaveBeenCalledTimes(2);
  });

  it('is not repeated for ever: a second demand is the answer', async () => {
    const act = vi.fn<() => Promise<string>>().mockRejectedValue(stale());
    await expect(withFreshProof(act, async () => true)).rejects.toMatchObject({
      code: 'FRESH_AUTH_REQUIRED',
    });
    expect(act).toHaveBeenCalledTimes(2);
  });

  it('is left undone where no proof is given', async () => {
    const act = vi.fn<() => Promise<string>>().mockRejectedValue(stale());
    await expect(withFreshProof(act, async () => false)).rejects.toBeInstanceOf(StepUpCancelled);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it('asks nothing for other refusals', async () => {
    const act = vi.fn<() => Promise<string>>().mockRejectedValue(new ApiError(409, 'CONFLICT', 'x'));
    const demand = vi.fn<(details: unknown) => Promise<boolean>>();
    await expect(withFreshProof(act, demand)).rejects.toMatchObject({ status: 409 });
    expect(demand).not.toHaveBeenCalled();
  });

  it('reads what the server accepts, or accepts what the account has', () => {
    expect(readFreshDetails({ factors: ['totp'], withinSeconds: 600 })).toEqual({
      factors: ['totp'],
      withinSeconds: 600,
    });
    for (const details of [undefined, null, 'x', { factors: [] }, { factors: 'totp' }]) {
      expect(readFreshDetails(details)).toEqual({ factors: null, withinSeconds: null });
    }
  });
});

describe('roles of the console', () => {
  it('may do what those below may, and nothing above', () => {
    expect(mayAs('administrator', 'analyst')).toBe(true);
    expect(mayAs('analyst', 'analyst')).toBe(true);
    expect(mayAs('viewer', 'analyst')).toBe(false);
    expect(mayAs('analyst', 'administrator')).toBe(false);
  });
});

describe('the filter of the user list', () => {
  it('is what the address says, without the spaces around the search', () => {
    expect(userFilterOf({ q: ' ada ', role: 'viewer' })).toEqual({ q: 'ada', status: '', role: 'viewer' });
    expect(userFilterOf({})).toEqual({ q: '', status: '', role: '' });
  });
});
