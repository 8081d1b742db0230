import type { Detector } from '../types.ts';
import { detectCode } from './code/node.ts';
import { detectTemplate } from './code/template.ts';
import { detectCommand } from './command/detect.ts';
import { detectXss } from './html/detect.ts';
import { detectCrlf } from './other/crlf.ts';
import { detectLdap } from './other/ldap.ts';
import { detectNoSql } from './other/nosql.ts';
import { detectPollution } from './other/pollution.ts';
import { detectScanner } from './other/scanner.ts';
import { detectSsrf } from './other/ssrf.ts';
import { detectXml } from './other/xml.ts';
import { detectSql } from './sql/detect.ts';
import { detectTraversal } from './traversal/detect.ts';

/** All detectors, in the order in which they are asked. */
export const DETECTORS: readonly Detector[] = [
  { name: 'sql', detect: detectSql },
  { name: 'xss', detect: detectXss },
  { name: 'traversal', detect: detectTraversal },
  { name: 'command', detect: detectCommand },
  { name: 'nosql', detect: detectNoSql },
  { name: 'template', detect: detectTemplate },
  { name: 'code', detect: detectCode },
  { name: 'xml', detect: detectXml },
  { name: 'ldap', detect: detectLdap },
  { name: 'crlf', detect: detectCrlf },
  { name: 'ssrf', detect: detectSsrf },
  { name: 'pollution', detect: detectPollution },
  { name: 'scanner', detect: detectScanner },
];
