import { PhraseTable } from '../phrase-table.ts';
import { phrasesIn, sharedPhrases } from '../shared-phrases.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { SCANNER_RULES as R } from './rules.ts';

const AGENTS =
  'sqlmap nikto nuclei acunetix netsparker openvas nessus arachni havij w3af wpscan dirbuster gobuster feroxbuster ffuf masscan zgrab nmap whatweb burpcollaborator dirsearch wfuzz joomscan jaeles skipfish vega/ appscan webinspect paros zaproxy owasp_zap sqlninja jbrofuzz grendel-scan commix xsser fimap httprint fuzz faster qualys detectify cgichk morfeus zmeu w00tw00t hydra medusa patator brutus pangolin absinthe jorgee projectdiscovery log4shell mercuryboard .nasl blackwidow webshag uil2pn sitelock sysscan l9explore l9tcpid'.split(
    ' ',
  );
const CALLBACKS = [
  'burpcollaborator.',
  'oastify.com',
  'interact.sh',
  '.oast.',
  'interactsh',
  'dnslog.',
  'ceye.io',
  'canarytokens.',
  'bxss.me',
  'xss.ht',
  'requestbin.',
  'pingb.in',
  '.r87.me',
  'webhook.site',
  'pipedream.net',
  'beeceptor.com',
  'xss.rocks',
  'ezxss.',
  'ngrok.io/',
  'hookbin.com',
  'requestcatcher.com',
  'burpcol',
];
const SECRETS = [
  '/.env',
  '/.git/',
  '/.svn/',
  '/.hg/',
  '/.bzr/',
  '/.aws/',
  '/.ssh/',
  '/.htpasswd',
  '/.htaccess',
  '/.npmrc',
  '/.docker',
  '/.kube/',
  '/.ds_store',
  '/.bash_history',
  '/.netrc',
  '/.pgpass',
  '/id_rsa',
  '/.vscode/',
  '/.idea/',
  '/.terraform',
  '/.circleci/',
  '/.github/',
  '/.dockerenv',
  '/web.config',
  '/wp-config',
  '/.travis.yml',
  '/.gitlab-ci',
  '/.my.cnf',
  '/.history',
  '/.mysql_history',
  '/.cursor/',
  '/.claude/',
  '/.windsurf/',
  '/.codex/',
  '/.zed/',
  '/.opencode/',
  '/.kiro/',
  '/.cline/',
  '/.rovodev/',
  '/.a0proj/',
  '/.aider',
  '/.gemini/',
  '/.continue/',
  '/.config/',
  '/.cache/',
  '/.local/',
  '/.subversion/',
  '/.well-known/../',
];
const BACKUPS = [
  '.sql',
  '.sql.gz',
  '.sql.zip',
  '.sql.bz2',
  '.bak',
  '.backup',
  '.old',
  '.orig',
  '.swp',
  '.swo',
  '.save',
  '.php~',
  '.tar.gz',
  'backup.zip',
  'backup.tar',
  '.mdb',
  '.sqlite',
  '.sqlite3',
  '.db',
  '.dump',
  'dump.rdb',
  'debug.log',
  'error.log',
  'access.log',
  'error_log',
  '.pem',
  '.pfx',
  '.p12',
  '.key',
  '.kdbx',
  '.rdb',
];
const FOREIGN = [
  '/wp-login',
  '/wp-admin',
  '/wp-includes',
  '/wp-content',
  '/xmlrpc.php',
  '/phpmyadmin',
  '/pma/',
  '/cgi-bin/',
  '/actuator',
  '/server-status',
  '/server-info',
  '/solr/',
  '/jenkins',
  '/manager/html',
  '/hnap1',
  '/boaform',
  '/autodiscover',
  '/owa/',
  '/ecp/',
  '/vendor/phpunit',
  '/phpinfo',
  '/shell.php',
  '/adminer',
  '/struts',
  '/jmx-console',
  '/invoker/',
  '/axis2',
  '/console/login',
  '/telescope',
  '/_ignition',
  '/elmah.axd',
  '/trace.axd',
  '/_profiler',
  '/debug/pprof',
  '/geoserver',
  '/druid/',
  '/nacos',
  '/.well-known/acme-challenge/..',
  '/@fs/',
  '/@id/',
  '/_debugbar',
  '/setup.cgi',
  '/goform',
  '/login.action',
  '/sdk/web',
  '/remote/login',
  '/dana-na',
  '/+cscoe+',
  '/v2/_catalog',
  '/_cat/indices',
  '/api/jsonws',
  '/user/soap',
  '/etc/designs',
  '/crx/de',
];

const PHRASE = { agent: 1, secret: 2, foreign: 4 } as const;
const AGENT_TABLE = new PhraseTable([[AGENTS, PHRASE.agent]]);
const CALLBACK = sharedPhrases(CALLBACKS);
const PATH_TABLE = new PhraseTable([
  [SECRETS, PHRASE.secret],
  [FOREIGN, PHRASE.foreign],
]);

/** Tools and what they ask for. Weights are low wherever an honest client could ask too. */
export function detectScanner(value: string, where: Where, out: Signals): void {
  const { has, lower } = textOf(value);
  if (where.place === 'path') return path(lower, out);
  if (where.place === 'header') {
    if (where.name === 'user-agent' && AGENT_TABLE.find(lower) !== 0) out.add(R['tool-agent']);
  }
  if ((has & HAS.dot) !== 0 && (phrasesIn(lower) & CALLBACK) !== 0) out.add(R['callback-host']);
  if ((has & HAS.underscore) !== 0 && lower.includes('__schema') && (has & HAS.brace) !== 0)
    out.add(R.introspection);
}

function path(lower: string, out: Signals): void {
  const found = PATH_TABLE.find(lower);
  if ((found & PHRASE.secret) !== 0) return out.add(R['secret-probe']);
  if (BACKUPS.some((end) => lower.endsWith(end))) out.add(R['backup-probe']);
  if ((found & PHRASE.foreign) !== 0) out.add(R['foreign-probe']);
}
