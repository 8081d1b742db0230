import { describe, expect, it } from 'vitest';
import * as errors from './errors.ts';
import { refusalOf } from './reply.ts';

describe('what a thrown error becomes', () => {
  it.each([
    [
      new errors.ValidationError(undefined, { details: [{ field: 'name', code: 'too_small' }] }),
      400,
      'VALIDATION_ERROR',
    ],
    [new errors.AuthenticationError(), 401, 'AUTHENTICATION_ERROR'],
    [new errors.AuthorizationError(), 403, 'AUTHORIZATION_ERROR'],
    [new errors.NotFoundError(), 404, 'NOT_FOUND'],
    [new errors.ConflictError(), 409, 'CONFLICT'],
    [new errors.RateLimitError(30), 429, 'RATE_LIMIT_EXCEEDED'],
    [new errors.AppError('Tea only.', 418, 'TEAPOT'), 418, 'TEAPOT'],
  ])('%s keeps its status and code', (error, status, code) => {
    expect(refusalOf(error, 'err_1')).toMatchObject({ refusal: { status, code }, unknown: false });
  });

  it('an unknown one says nothing of itself but an error id', () => {
    const { refusal, unknown } = refusalOf(new Error('password=hunter2 at db.internal'), 'err_1');
    expect(unknown).toBe(true);
    expect(refusal).toEqual({
      status: 500,
      code: 'INTERNAL_ERROR',
      message: 'Something went wrong on our side.',
      details: { errorId: 'err_1' },
    });
    expect(refusalOf(new Error('x'), 'err_1', true).refusal.details).toHaveProperty('stack');
    expect(refusalOf('text', 'err_1').refusal.status).toBe(500);
    expect(refusalOf(null, 'err_1').refusal.status).toBe(500);
  });

  it("one that a framework marks as the caller's keeps its status but not its text", () => {
    const parse = Object.assign(new SyntaxError('Unexpected token <script> in JSON'), { status: 400 });
    expect(refusalOf(parse, 'e').refusal).toEqual({
      status: 400,
      code: 'INVALID_REQUEST',
      message: 'The request could not be read.',
    });
    expect(refusalOf({ statusCode: 413 }, 'e').refusal.code).toBe('PAYLOAD_TOO_LARGE');
    expect(refusalOf({ status: 200 }, 'e').refusal.status).toBe(500);
  });

  it('a unique key that is taken is a validation error that names the field and never the value', () => {
    const taken = Object.assign(
      new Error('duplicate key value violates unique constraint "users_email_key"'),
      {
        code: '23505',
        detail: 'Key (tenant, "eMail")=(7, ada@example.com) already exists.',
      },
    );
    const { refusal, unknown } = refusalOf(taken, 'e');
    expect(unknown).toBe(false);
    expect(refusal).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      details: [
        { field: 'tenant', code: 'unique' },
        { field: 'eMail', code: 'unique' },
      ],
    });
    expect(JSON.stringify(refusal)).not.toContain('ada@example.com');
    expect(refusalOf({ code: '23505' }, 'e').refusal.details).toMatchObject([{ field: '', code: 'unique' }]);
    expect(refusalOf({ code: '23503' }, 'e').refusal.status).toBe(500);
  });

  it('tells when to come back', () => {
    expect(refusalOf(new errors.RateLimitError(29.2), 'e').refusal.headers).toEqual(['retry-after', '30']);
  });
});
