import { WordTable, words } from '../word-table.ts';

/** How sure a word is a program. */
export const PROGRAM = {
  /** A program and hardly a word: `wget`, `whoami`. */
  sure: 1,
  /** A program and a word of prose: `cat`, `sort`, `id`. */
  word: 2,
  /** Runs what it is given: `sudo`, `env`, `xargs`, `time`. */
  runs: 3,
} as const;

const SURE = `wget curl whoami uname ifconfig ipconfig netstat nslookup ncat netcat nc socat telnet tftp scp rsync ssh
  bash zsh ksh dash csh tcsh fish pwsh powershell python python2 python3 perl ruby lua php nodejs gcc awk gawk mawk sed
  grep egrep fgrep chmod chown mkdir rmdir mkfifo mknod useradd usermod userdel adduser passwd crontab systemctl
  iptables tcpdump nmap traceroute tracepath arp lsof fdisk dmesg lsblk printenv getent hostname hostnamectl lscpu
  uptime busybox base64 xxd strings objdump gdb strace ltrace tasklist systeminfo wmic certutil bitsadmin mshta
  rundll32 regsvr32 cscript wscript schtasks netsh taskkill icacls nbtstat driverquery qwinsta ver vssadmin
  sh ping ping6 ls dir cp mv rm ln ps df du su wc tee dd tar gzip gunzip zcat bzcat xzcat zstdcat bzip2 unzip zip rar
  vi vim nano pico emacs printf egrep zgrep tac nl od rev sha256sum md5sum lsattr pwd cmd nohup setsid screen tmux
  docker kubectl apt-get aptitude yum dnf apk pip pip3 npm npx gem cargo git svn ansible aws gcloud burpcollaborator
  mysql psql sqlite3 mysqldump redis-cli mongo mongosh openssl gpg finger rlogin rsh xterm dig whois setarch unshare
  chroot insmod modprobe mount umount sysctl service ip ss route readlink realpath stat basename dirname locate updatedb
  pkexec rpm dpkg ld.so regedit regini shutdown reboot halt poweroff wbadmin bcdedit bcdboot ftp sftp lynx w3m axel
  aria2c lwp-download lwp-request ldd nm journalctl id_rsa rmt rmt-tar pipx htop cpulimit ansible-galaxy xargs
  cmd.exe powershell.exe bash.exe sh.exe nc.exe calc.exe certutil.exe wmic.exe net.exe`;
const WORDS = `cat id echo more less head tail sort find who at date time type set sleep kill host top last file test
  touch cut paste join split tr diff cmp comm fold column look env export alias history jobs w users groups env eval
  exec source read exit return trap wait print calc net reg node java go make install start call copy del move ren
  echo. tree find findstr fc attrib cls pause timeout choice fetch`;
const RUNS = `sudo env exec nohup time command builtin xargs timeout nice watch setsid doas eval source start call
  strace busybox`;

const TABLE = new WordTable([
  ...words(PROGRAM.word, WORDS),
  ...words(PROGRAM.sure, SURE),
  ...words(PROGRAM.runs, RUNS),
]);

/** Kind of a program by its name in small letters; 0 for any other word. */
export function programOf(name: string): number {
  return TABLE.of(name);
}
