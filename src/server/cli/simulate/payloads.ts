/** Texts that try to be something else than data, by class. Each is a plain textbook form: guards are tried, nothing is broken into. */
export const INJECTIONS: readonly string[] = [
  "' OR '1'='1",
  "1'; DROP TABLE orders; --",
  "x' UNION SELECT name, secret FROM users --",
  '1 AND (SELECT 1 FROM pg_sleep(5))',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'javascript:alert(document.cookie)',
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%252e%252e%252fetc%252fpasswd',
  '; cat /etc/passwd',
  '$(id)',
  '`id`',
  '{{7*7}}',
  '${7*7}',
  '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  '*)(uid=*))(|(uid=*',
  'x\r\nSet-Cookie: stolen=1',
  'http://169.254.169.254/latest/meta-data/',
  '\u0000',
];

/** Bodies that carry operators and keys instead of values. */
export const OPERATOR_BODIES: readonly string[] = [
  '{"name":{"$ne":null}}',
  '{"name":{"$gt":""},"password":{"$gt":""}}',
  '{"__proto__":{"role":"admin"},"name":"eve"}',
  '{"constructor":{"prototype":{"role":"admin"}},"name":"eve"}',
  '{"name":"eve","role":"admin"}',
  '{"name":["eve","eve"]}',
];

/** Places that scanners look at first. */
export const SCANNED: readonly string[] = [
  '/.env',
  '/.git/config',
  '/.aws/credentials',
  '/wp-login.php',
  '/wp-admin/setup-config.php',
  '/phpmyadmin/index.php',
  '/actuator/env',
  '/server-status',
  '/backup.zip',
  '/db.sql',
  '/admin/users',
  '/admin/audit',
  '/admin/decisions',
  '/console/../../package.json',
  '/console/%2e%2e/%2e%2e/package.json',
  '/api/v1/users?limit=100000',
  '/graphql?query={__schema{types{name}}}',
  '/cgi-bin/.%2e/.%2e/bin/sh',
];

/** Bytes that are no proper HTTP; `{host}` is replaced. */
export const RAW: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: {host}\r\nX-Long: {long}\r\n\r\n',
  'GET / HTTP/1.1\r\nHost : {host}\r\n\r\n',
  'GET /\u0001 HTTP/1.1\r\nHost: {host}\r\n\r\n',
  'HELLO\r\n\r\n',
];

/** Passwords that many people have. */
export const COMMON_PASSWORDS: readonly string[] = [
  '123456',
  'password',
  'qwerty',
  'letmein',
  'welcome1',
  'iloveyou',
];
