import { rulesOf } from '../rule.ts';

/** What leads to files that nobody offered. */
export const TRAVERSAL_RULES = rulesOf('traversal', {
  'climb-path': [
    6,
    'high',
    'The path of the request climbs out of its folder; clients resolve such steps themselves.',
  ],
  'climb-many': [5, 'high', 'A file name climbs two folders or more.'],
  'climb-one': [5, 'medium', 'A file name climbs one folder.'],
  'climb-mention': [1, 'low', 'Steps to the folder above in the middle of a text.'],
  'climb-hidden': [
    5,
    'high',
    'Steps to the folder above are written so that a filter leaves them behind: ....//, ..;/, ..%2f.',
  ],
  'secret-file': [5, 'critical', 'The name of a file that holds secrets or settings of the system.'],
  'secret-file-mention': [2, 'low', 'Such a name in the middle of a text.'],
  'system-folder': [3, 'medium', 'A value that is a path into a folder of the system.'],
  wrapper: [5, 'high', 'A scheme that reads files or streams of the server: file:, php:, phar:.'],
  'nul-byte': [5, 'high', 'A NUL byte, at which parts of a system cut names off.'],
  'network-share': [
    5,
    'high',
    'A path to a share of another machine, which gives it the password of the server.',
  ],
  'device-path': [5, 'high', 'A path to a device or the root of Windows.'],
});
