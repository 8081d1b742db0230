import type * as rules from '../other/rules.ts';
import type { Examples } from './test-example.ts';

/** Examples of the rules of document databases. */
export const NOSQL_EXAMPLES: Examples<typeof rules.NOSQL_RULES> = {
  'operator-name': { attack: 'user[$ne]', near: '$filter', place: 'name' },
  'operator-object': { attack: '{"$gt":""}', near: '{"$ref":"x"}' },
  'operator-text': { attack: '$where: 1', near: 'query($where: Filter)' },
  'where-code': { attack: "this.name == 'a'", near: 'this. Name it' },
  'database-call': { attack: 'db.users.find()', near: 'db. Users find it' },
  'quote-code': { attack: "' || 1==1", near: "it's || not" },
  'lookup-name': { attack: 'user__password__startswith', near: 'user__name', place: 'name' },
};

/** Examples of the rules of XML. */
export const XXE_EXAMPLES: Examples<typeof rules.XXE_RULES> = {
  entity: { attack: '<!ENTITY x "y">', near: 'an entity!' },
  doctype: { attack: '<!DOCTYPE x SYSTEM "y">', near: '<!DOCTYPE html>' },
  include: { attack: '<xi:include href="x"/>', near: '<include>' },
  'schema-location': {
    attack: `<x xsi:schemaLocation="http://x.example/ y">${'<y/>'.repeat(150)}`,
    near: '<x schema="y">',
  },
  stylesheet: { attack: '<?xml-stylesheet href="x"?>', near: '<?xml version="1.0"?>' },
  charset: {
    attack: '<?xml version="1.0" encoding="utf-7"?>',
    near: '<?xml version="1.0" encoding="utf-8"?>',
  },
};

/** Examples of the rules of inclusions. */
export const SSI_EXAMPLES: Examples<typeof rules.SSI_RULES> = {
  directive: { attack: '<!--#exec cmd="x"-->', near: '<!-- # 5 -->' },
  'edge-include': { attack: '<esi:include src=x/>', near: '<b>esi</b>' },
};

/** Examples of the rules of directories. */
export const LDAP_EXAMPLES: Examples<typeof rules.LDAP_RULES> = {
  'filter-breakout': { attack: '*)(uid=*', near: 'f(x)(y)' },
  'filter-whole': { attack: '(&(uid=x)(cn=y))', near: '(& more)' },
  'match-rule': { attack: 'userPassword:2.5.13.18:=1', near: 'ratio 1:2:=3' },
  'wild-attribute': { attack: 'objectClass=*', near: 'class = *' },
};

/** Examples of the rules of line ends. */
export const CRLF_EXAMPLES: Examples<typeof rules.CRLF_RULES> = {
  header: { attack: 'x\r\nSet-Cookie: a=b', near: 'x\nnote: bring cookies' },
  'header-text': {
    attack: `here is the whole dump that I got from the server this very morning in the office\nContent-Type: text/plain`,
    near: 'the content type is\ntext',
  },
  'status-line': { attack: 'x\r\nHTTP/1.1 200 OK', near: 'x\nhttps' },
  'header-line-end': { attack: 'x\r\ny', near: 'x y', place: 'header', name: 'x-name' },
  'mail-header': { attack: 'x\nBcc: y@x.example', near: 'x\nbcc me please' },
  'mail-command': { attack: 'x\r\nRCPT TO:<y>', near: 'x\nrecipient' },
  'hidden-line-end': { attack: '%0d%0aSet-Cookie: x', near: '5%0 set' },
};

/** Examples of the rules of URLs that point inside. */
export const SSRF_EXAMPLES: Examples<typeof rules.SSRF_RULES> = {
  metadata: { attack: 'http://169.254.169.254/latest', near: 'http://69.254.169.25/latest' },
  'odd-address': { attack: 'http://0x7f000001/', near: 'http://0x7f.example/' },
  'private-address': { attack: 'http://10.0.0.1/', near: 'http://11.0.0.1/' },
  'local-name': {
    attack: 'http://localhost/',
    near: 'http://localhost.example/',
    place: 'json',
    name: 'note',
  },
  'local-target': { attack: 'http://localhost/', near: 'https://shop.example/' },
  'public-name': { attack: 'http://127.0.0.1.nip.io', near: 'http://nip.example' },
  scheme: { attack: 'gopher://x', near: 'gopher: an animal' },
  'user-confusion': { attack: 'http://a.example@b.example/', near: 'mailto:a@b.example' },
};

/** Examples of the rules of prototypes. */
export const POLLUTION_EXAMPLES: Examples<typeof rules.POLLUTION_RULES> = {
  'proto-name': { attack: '__proto__[x]', near: 'proto', place: 'name' },
  'proto-text': { attack: '{"__proto__":{}}', near: 'the __proto__ of things' },
};

/** Examples of the rules of scanners. */
export const SCANNER_EXAMPLES: Examples<typeof rules.SCANNER_RULES> = {
  'tool-agent': { attack: 'sqlmap/1.7', near: 'Mozilla/5.0', place: 'header', name: 'user-agent' },
  'callback-host': { attack: 'http://x.oastify.com', near: 'http://fast.example' },
  'secret-probe': { attack: '/.git/config', near: '/.well-known/security.txt', place: 'path' },
  'backup-probe': { attack: '/site.sql', near: '/site.css', place: 'path' },
  'foreign-probe': { attack: '/wp-login.php', near: '/login', place: 'path' },
  introspection: { attack: '{__schema{types}}', near: '{schema{types}}' },
};
