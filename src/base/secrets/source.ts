import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { KeyRing } from './ring.ts';

/** Variables of the environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads a variable, or the file that `NAME_FILE` names.
 * @throws OptionsError when that file cannot be read
 */
export function readSecretVariable(env: Variables, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return env[name] === '' ? undefined : env[name];
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    throw new OptionsError(
      `${name}_FILE`,
      `the file cannot be read (${(error as { code?: string }).code ?? 'unknown error'})`,
    );
  }
}

/** 32 bytes, written as base64, base64url or 64 hexadecimal digits. @throws OptionsError; the value is never repeated */
export function readKeyText(path: string, text: string): Uint8Array {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/_-]+=?$/.test(text))
    throw new OptionsError(path, 'expected 32 bytes; make them with: openssl rand -base64 32');
  if (new Set(bytes).size < 12) throw new OptionsError(path, 'these bytes are not random');
  return new Uint8Array(bytes);
}

/**
 * A ring from the environment, for what works without the server's database: `NAME` (or the file that `NAME_FILE` names)
 * holds `k2:BASE64,k1:BASE64`; the first key seals, the others open what they sealed.
 * @throws OptionsError naming the variable
 */
export function ringFromEnvironment(
  purpose: string,
  name: string,
  env: Variables = process.env,
  clock: Clock = systemClock,
): KeyRing {
  const text = readSecretVariable(env, name);
  if (text === undefined) throw new OptionsError(name, 'expected keys such as k2:BASE64,k1:BASE64');
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((part) => {
      const colon = part.indexOf(':');
      if (colon < 1) throw new OptionsError(name, 'expected keys such as k2:BASE64,k1:BASE64');
      return { id: part.slice(0, colon), key: readKeyText(name, part.slice(colon + 1)) };
    });
  return new KeyRing(purpose, keys, clock);
}
