import { describe } from 'vitest';
import { authAccessSuite } from './auth-access.ts';
import { answerSuite } from './auth-answers.ts';
import { onEmbedded } from './databases.ts';
import { mailboxSuite, userSuite } from './users.ts';

// One file, because each opens a database of its own.
onEmbedded((stores) => {
  describe('answers to browsers and API clients', () => answerSuite(stores));
  describe('access to /auth', () => authAccessSuite(stores));
  describe('accounts', () => userSuite(stores));
  describe('kept mails', () => mailboxSuite(stores));
});
