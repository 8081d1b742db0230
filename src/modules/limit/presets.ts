import type { LimitPolicyOptions } from './options.ts';

/** Policies that ship; spread one and override what differs: `{ ...presets.api, max: 100 }`. */
export const presets = {
  /** 100 in 15 minutes per address. */
  global: { max: 100, window: '15m', by: 'ip', code: 'RATE_LIMIT_EXCEEDED' },
  /** 5 in 15 minutes per address and account; closed when the store is gone. */
  auth: {
    max: 5,
    window: '15m',
    by: ['ip', 'account'],
    code: 'AUTH_RATE_LIMIT_EXCEEDED',
    onStoreFailure: 'closed',
  },
  /** 60 a minute per address. */
  api: { max: 60, window: '1m', by: 'ip', code: 'API_RATE_LIMIT_EXCEEDED' },
  /** 100 a minute per address. */
  apiAcademy: { max: 100, window: '1m', by: 'ip', code: 'API_RATE_LIMIT_EXCEEDED' },
  /** 10 an hour per user, else per address; closed when the store is gone. */
  payment: {
    max: 10,
    window: '1h',
    by: 'user',
    code: 'PAYMENT_RATE_LIMIT_EXCEEDED',
    onStoreFailure: 'closed',
  },
  /** 10 in 5 minutes per user; closed when the store is gone. */
  paymentOrder: {
    max: 10,
    window: '5m',
    by: 'user',
    code: 'PAYMENT_RATE_LIMIT_EXCEEDED',
    onStoreFailure: 'closed',
  },
  /** 5 a minute per user. */
  upload: { max: 5, window: '1m', by: 'user', code: 'UPLOAD_RATE_LIMIT_EXCEEDED' },
  /** 10 a minute per user. */
  uploadAcademy: { max: 10, window: '1m', by: 'user', code: 'UPLOAD_RATE_LIMIT_EXCEEDED' },
  /** 20 a minute per user. */
  videoToken: { max: 20, window: '1m', by: 'user', code: 'VIDEO_RATE_LIMIT_EXCEEDED' },
  /** 50 a minute per user. */
  videoStream: { max: 50, window: '1m', by: 'user', code: 'VIDEO_RATE_LIMIT_EXCEEDED' },
  /** 1,000 a minute per address; asks for a challenge instead of refusing outright. */
  edge: { max: 1000, window: '1m', by: 'ip', code: 'RATE_LIMIT_EXCEEDED', refuseBy: 'challenge' },
} as const satisfies Readonly<Record<string, LimitPolicyOptions>>;
