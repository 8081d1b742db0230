/** Files of systems and applications that attacks ask for; with a slash in front, or anywhere in a name. */
const FILES =
  `etc/passwd etc/shadow etc/group etc/hosts etc/hostname etc/issue etc/fstab etc/crontab etc/sudoers etc/motd
  etc/mtab etc/inetd.conf etc/my.cnf etc/mysql/ etc/nginx/ etc/apache etc/httpd etc/ssh/ etc/ssl/ etc/profile etc/bashrc
  etc/environment etc/os-release etc/resolv.conf etc/redis etc/kubernetes etc/exports etc/security/ etc/php etc/init.d
  etc/master.passwd etc/security/passwd etc/services etc/netconfig etc/host.conf etc/lsb-release etc/debian_version
  proc/self/ proc/version proc/cmdline proc/mounts proc/net/ proc/cpuinfo proc/meminfo proc/1/ proc/sched_debug proc/sys/
  proc/stat proc/partitions proc/swaps proc/filesystems proc/devices proc/kcore sys/class/ sys/kernel sys/devices
  root/.ssh root/.bash .bash_history .bashrc .bash_profile .profile .zsh_history .mysql_history .psql_history .ssh/
  id_rsa id_dsa id_ed25519 authorized_keys known_hosts .aws/credentials .aws/config .kube/config .docker/config.json
  .npmrc .pgpass .netrc .htpasswd .htaccess .git/config .git/head .svn/entries .env .env.local .env.production .dockerenv
  var/log/ var/run/secrets run/secrets/ var/www/ var/lib/mysql var/mail/ usr/local/apache usr/local/etc/ usr/local/nginx
  httpd.conf nginx.conf apache2.conf php.ini my.cnf server.xml tomcat-users.xml web-inf/ meta-inf/ web.config
  wp-config.php config.inc.php settings.php localsettings.php configuration.php database.yml secrets.yml master.key
  boot.ini win.ini system.ini windows/system32 windows/win.ini winnt/ windows/repair windows/debug autoexec.bat
  inetpub/ ntuser.dat sysprep.inf unattend.xml windows/php.ini windows/my.ini applicationhost.config pagefile.sys
  system32/config system32/drivers global.asa machine.config desktop.ini bootmgr windows/panther minint/`
    .split(/\s+/)
    .filter((name) => name !== '');

const FOLDERS = [
  'etc/',
  'proc/',
  'sys/',
  'root/',
  'var/log/',
  'var/run/',
  'usr/local/',
  'windows/',
  'winnt/',
  'dev/',
];

/** Names by their first two letters, so that one walk over a text asks few of them at each place. */
const BY_START: (readonly string[] | undefined)[] = Array.from({ length: 128 * 128 });
/** 1 for the first two letters. */
const STARTS = new Uint8Array(128 * 128);
for (const name of FILES) {
  const key = name.charCodeAt(0) * 128 + name.charCodeAt(1);
  BY_START[key] = [...(BY_START[key] ?? []), name];
  STARTS[key] = 1;
}

/** Index at which the name of such a file stands in `path` (slashes turned, small letters), or -1. */
export function secretFileAt(path: string): number {
  let first = path.charCodeAt(0);
  for (let i = 0; i + 2 < path.length; i++) {
    const second = path.charCodeAt(i + 1);
    const key = first < 128 && second < 128 ? first * 128 + second : 0;
    // Few pairs of letters begin a name: to ask that first costs less than to ask what stands before.
    if (STARTS[key] === 1 && startsName(path, i) && isNameAt(path, i, key)) return i;
    first = second;
  }
  return -1;
}

function isNameAt(path: string, at: number, key: number): boolean {
  for (const name of BY_START[key] ?? [])
    if (path.startsWith(name, at) && endsName(path, at + name.length)) return true;
  return false;
}

/** A name begins at the start, behind a slash, or (for names with a dot of their own) behind anything but a letter. */
function startsName(path: string, i: number): boolean {
  if (i === 0) return true;
  const before = path.charCodeAt(i - 1);
  return (
    before === 47 ||
    before === 58 ||
    before === 61 ||
    before <= 32 ||
    before === 34 ||
    before === 39 ||
    before === 46
  );
}

function endsName(path: string, end: number): boolean {
  const last = path.charCodeAt(end - 1);
  if (last === 47 || end >= path.length) return true;
  const next = path.charCodeAt(end);
  // `passwd.md` is another file than `passwd`.
  if (next === 46 && path.charCodeAt(end + 1) >= 97 && path.charCodeAt(end + 1) <= 122) return false;
  const letter = (next >= 97 && next <= 122) || (next >= 48 && next <= 57) || next === 95;
  return !letter;
}

/** Whether a path leads into a folder of the system. */
export function isSystemFolder(path: string): boolean {
  const from = path.startsWith('/') ? 1 : path.startsWith('c:/') ? 3 : -1;
  return from > 0 && FOLDERS.some((folder) => path.startsWith(folder, from));
}
