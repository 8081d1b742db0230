import { createVerifier } from 'fast-jwt';
import { jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import type { TokenAlgorithm } from '../../src/modules/identity/token/index.ts';
import { AUDIENCE, type BenchHouse, FACTS, ISSUER } from './house.ts';

/** One way of asking who stands behind an access token. */
export type Identify = (token: string) => unknown;

type Make = (house: BenchHouse, algorithm: TokenAlgorithm) => Identify;

/** Every contender checks algorithm, signature, issuer, audience and expiry; Rampart also session and account. */
export const CONTENDERS: Readonly<Record<'seen' | 'first', Readonly<Record<string, Make>>>> = {
  seen: { rampart, 'fast-jwt': (house, algorithm) => fastJwt(house, algorithm, 10_000) },
  first: {
    rampart,
    'fast-jwt': (house, algorithm) => fastJwt(house, algorithm, false),
    jose: ({ key }, algorithm) => {
      const options = { algorithms: [algorithm], issuer: ISSUER, audience: AUDIENCE };
      return (token) => jwtVerify(token, key.verifying, options);
    },
    jsonwebtoken: ({ key }) => {
      const options = { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE };
      const secret = key.verifying.export();
      return (token) => jsonwebtoken.verify(token, secret, options);
    },
  },
};

function rampart({ sessions }: BenchHouse): Identify {
  return (token) => sessions.identify({ kind: 'bearer', token }, FACTS);
}

function fastJwt({ key }: BenchHouse, algorithm: TokenAlgorithm, cache: number | false): Identify {
  const material =
    algorithm === 'HS256' ? key.verifying.export() : key.verifying.export({ format: 'pem', type: 'spki' });
  return createVerifier({
    key: material,
    algorithms: [algorithm],
    cache,
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
  });
}
