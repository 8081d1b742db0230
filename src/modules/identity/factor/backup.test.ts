import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { BACKUP_CHARACTERS } from './backup.ts';
import { CROCKFORD, readBackupCode } from './code-text.ts';
import { factorHouse, tally } from './test-factor.ts';

onEachDatabase((sql) => {
  describe('backup codes', () => {
    it('are ten of 80 bits in groups of four (checklist 24)', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const codes = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      expect(new Set(codes).size).toBe(10);
      for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect((await house.factors.summary(id)).backupCodes).toEqual({
        left: 10,
        createdAtMs: house.ports.clock.now(),
      });
    });

    it('A42: stand in the database as keyed hashes that another key does not give', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const codes = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const { rows } = await sql().query('SELECT * FROM rampart.identity_backup_codes WHERE account = $1', [
        id,
      ]);
      const stored = JSON.stringify(rows);
      for (const code of codes) {
        expect(stored).not.toContain(code);
        expect(stored).not.toContain(code.replaceAll('-', ''));
      }
      const stranger = factorHouse(sql());
      const use = () => stranger.act((tx) => stranger.factors.useBackupCode(tx, id, codes[0] as string));
      expect(await use()).toBeUndefined();
    });

    it('A41: are good once of 50 at once, and two different ones at once both count', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const codes = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const use = (code: string) => house.act((tx) => house.factors.useBackupCode(tx, id, code));
      const same = await Promise.all(Array.from({ length: 50 }, () => use(codes[0] as string)));
      expect(same.filter((left) => left !== undefined)).toEqual([9]);
      const two = await Promise.all([use(codes[1] as string), use(codes[2] as string)]);
      expect(two.every((left) => left !== undefined)).toBe(true);
      expect((await house.factors.summary(id)).backupCodes?.left).toBe(7);
    });

    it('are taken in any case, with O for 0 and I or L for 1, and without dashes', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const codes = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const spellings = [
        (code: string) => code.toLowerCase(),
        (code: string) => code.replaceAll('-', ''),
        (code: string) => ` ${code.replaceAll('-', ' ')} `,
        (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
        (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
      ];
      for (const [i, spell] of spellings.entries()) {
        const text = spell(codes[i] as string);
        expect(await house.act((tx) => house.factors.useBackupCode(tx, id, text))).toBe(9 - i);
      }
    });

    it('end when new ones are made, and ten remain of any number of makings at once', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const old = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const make = () => house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const made = await Promise.all(Array.from({ length: 8 }, make));
      expect((await house.factors.summary(id)).backupCodes?.left).toBe(10);
      const use = (code: string) => house.act((tx) => house.factors.useBackupCode(tx, id, code));
      expect(await use(old[0] as string)).toBeUndefined();
      const works = await Promise.all(made.map((codes) => use(codes[0] as string)));
      expect(works.filter((left) => left !== undefined)).toHaveLength(1);
    });

    it('are refused for another account, when used, and as hostile input', async () => {
      const house = factorHouse(sql());
      const { id } = await house.account();
      const other = await house.account();
      const codes = await house.act((tx) => house.factors.makeBackupCodes(tx, id));
      const use = (account: string, code: string) =>
        house.act((tx) => house.factors.useBackupCode(tx, account, code));
      expect(await use(other.id, codes[0] as string)).toBeUndefined();
      for (const text of ['', '-', '\0', 'U'.repeat(16), '0'.repeat(16), '0'.repeat(1_000_000)]) {
        expect(await use(id, text)).toBeUndefined();
      }
      expect(tally([await use(id, codes[0] as string), await use(id, codes[0] as string)])).toEqual(
        new Map([
          [9, 1],
          [undefined, 1],
        ]),
      );
    });
  });
});

describe('reading a backup code', () => {
  const letter = fc.constantFrom(...Array.from(CROCKFORD));
  const made = fc.array(letter, { minLength: BACKUP_CHARACTERS, maxLength: BACKUP_CHARACTERS });

  it('gives its characters whatever stands between them', () => {
    fc.assert(
      fc.property(
        made,
        fc.constantFrom('', '-', ' ', '–', '\u200b'),
        fc.boolean(),
        (letters, between, low) => {
          const text = letters.join(between);
          expect(readBackupCode(low ? text.toLowerCase() : text, BACKUP_CHARACTERS)).toBe(letters.join(''));
        },
      ),
    );
  });
});
