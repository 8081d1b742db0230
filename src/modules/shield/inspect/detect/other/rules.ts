import { rulesOf } from '../rule.ts';

/** Operators of document databases. */
export const NOSQL_RULES = rulesOf('nosql', {
  'operator-name': [5, 'critical', 'The name of a parameter or key is an operator of a document database.'],
  'operator-object': [5, 'critical', 'An object with such an operator stands in a value.'],
  'operator-text': [5, 'high', 'Such an operator and a colon stand in a value.'],
  'where-code': [5, 'critical', 'JavaScript for $where: a comparison of the document, or a return.'],
  'database-call': [5, 'high', 'A call to a collection of the database.'],
  'quote-code': [5, 'high', 'A quote is closed and JavaScript of a condition follows.'],
  'lookup-name': [
    5,
    'medium',
    'The name of a parameter walks through related records: user__password__startswith.',
  ],
});

/** Entities and inclusions of XML, and inclusions of servers. */
export const XXE_RULES = rulesOf('xxe', {
  entity: [6, 'critical', 'XML that declares an entity: it can read files and call other machines.'],
  doctype: [5, 'high', 'XML that loads its type from elsewhere.'],
  include: [5, 'high', 'XML that includes other documents.'],
  'schema-location': [4, 'medium', 'XML that names a schema on another machine.'],
  stylesheet: [5, 'medium', 'XML that loads a stylesheet, which may hold code.'],
  charset: [5, 'medium', 'XML in a character set that hides its signs.'],
});

/** Directives that a server or cache runs inside a page. */
export const SSI_RULES = rulesOf('ssi', {
  directive: [6, 'critical', 'A directive of server-side includes.'],
  'edge-include': [6, 'high', 'A directive of edge-side includes.'],
});

/** Filters of directories. */
export const LDAP_RULES = rulesOf('ldap', {
  'filter-breakout': [5, 'high', 'A bracket of a directory filter is closed and another one opened.'],
  'filter-whole': [5, 'high', 'A whole filter of a directory.'],
  'match-rule': [5, 'medium', 'A matching rule of a directory, named by its number.'],
  'wild-attribute': [5, 'medium', 'An attribute of a directory with anything as its value.'],
});

/** Lines that are put into headers and mails. */
export const CRLF_RULES = rulesOf('crlf', {
  header: [5, 'high', 'A line end and the name of a header: the answer or a later request would carry it.'],
  'header-text': [2, 'low', 'The same in a text of several lines.'],
  'status-line': [5, 'high', 'A line end and the first line of an answer or request.'],
  'header-line-end': [5, 'medium', 'A line end in a value that belongs into one line.'],
  'mail-header': [5, 'high', 'A line end and a recipient or header of a mail.'],
  'mail-command': [5, 'high', 'A line end and a command of SMTP, IMAP or POP3.'],
  'hidden-line-end': [5, 'high', 'A line end in an encoding that only careless decoders resolve.'],
});

/** URLs that point inside. */
export const SSRF_RULES = rulesOf('ssrf', {
  metadata: [6, 'critical', 'A URL of the metadata service of a cloud, which gives away keys.'],
  'odd-address': [
    6,
    'high',
    'An address in a spelling that only hides it: octal, hexadecimal, one number, other digits.',
  ],
  'private-address': [5, 'high', 'A URL with an address of this machine or a private network.'],
  'local-name': [4, 'medium', 'A URL with a name of this machine or a private network.'],
  'local-target': [5, 'high', 'Such a URL as the parameter of an address.'],
  'public-name': [5, 'high', 'A public name that resolves to a private address.'],
  scheme: [5, 'high', 'A scheme by which servers can be made to speak to others: gopher, dict, ldap.'],
  'user-confusion': [5, 'medium', 'A URL whose user name looks like its host.'],
});

/** Keys that change what all objects inherit. */
export const POLLUTION_RULES = rulesOf('pollution', {
  'proto-name': [6, 'critical', 'The name of a parameter or key leads to the prototype of all objects.'],
  'proto-text': [5, 'high', 'A value that holds such a key.'],
});

/** Tools that look for weaknesses, and what they ask for. */
export const SCANNER_RULES = rulesOf('scanner', {
  'tool-agent': [5, 'medium', 'The tool names itself in a header.'],
  'callback-host': [5, 'high', 'The name of a service that tells a tester who called it.'],
  'secret-probe': [6, 'high', 'A path to a file of secrets or of version control.'],
  'backup-probe': [4, 'medium', 'A path to a copy of sources or of the database.'],
  'foreign-probe': [3, 'low', 'A path of software that is written in other languages.'],
  introspection: [3, 'low', 'GraphQL is asked for its whole schema.'],
});
