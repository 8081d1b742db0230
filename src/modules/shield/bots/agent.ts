import { claimOf, type GoodBot } from './table.ts';

/** What a User-Agent says of itself, before anything is proven. */
export type AgentWords =
  | {
      readonly kind: 'claim';
      /** The good bot whose name it uses. */
      readonly claim: GoodBot;
    }
  /** `crawler`: some other bot that says so; `tool`: a program's library. */
  | { readonly kind: 'headless' | 'tool' | 'crawler' | 'human' };

/** More of a User-Agent is not looked at. */
const MAX_CHARACTERS = 512;
const MAX_KEPT = 2_000;

const HEADLESS =
  /Headless(?:Chrome|Firefox|Edg)|PhantomJS|SlimerJS|\bpuppeteer\b|\bplaywright\b|\bselenium\b/i;

/** Programs and their libraries, by how their User-Agent begins. */
const TOOL =
  /^(?:curl|wget|httpie|xh|python|aiohttp|httpx|urllib3?|scrapy|ruby|faraday|typhoeus|mechanize|go-http-client|go-resty|java|okhttp|apache-httpclient|jersey|libwww-perl|lwp|perl|php|guzzlehttp|symfony|zend|node|undici|axios|got|superagent|needle|bun|deno|dart|reqwest|hyper|ureq|rust|postmanruntime|insomnia|bruno|thunder client|powershell|windowspowershell|winhttp|restsharp|\.net|dotnet|k6|apachebench|ab|siege|wrk|hey|vegeta|autocannon|jmeter|nikto|sqlmap|nmap|masscan|zgrab|cfnetwork)\b/i;
const PLUS_TOOL = /\b(?:WindowsPowerShell|python-requests|Apache-HttpClient|CFNetwork|Go-http-client)\//i;

/** Words by which other bots say what they are, and the address of their page; Cubot makes telephones. */
const CRAWLER =
  /(?<!cu)bots?(?![a-z])|crawl|spider|scrap(?:er|y)|slurp|archiv(?:er|\.org)|preview|monitor|uptime|validator|fetcher|feed(?:ly|burner|parser|bin)|lighthouse|pingdom|statuscake|gtmetrix|facebookexternalhit|whatsapp\/|embedly|skypeuri|\+https?:\/\//i;

/** Reads User-Agents; the answers for the last 2,000 are kept. */
export class AgentReader {
  readonly #kept = new Map<string, AgentWords>();

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** @param clientHints value of `sec-ch-ua`, where a headless browser names itself too */
  read(userAgent: string | undefined, clientHints: string | undefined): AgentWords {
    if (clientHints !== undefined && clientHints.length < 1_000 && HEADLESS.test(clientHints))
      return HEADLESS_WORDS;
    const text = (userAgent ?? '').slice(0, MAX_CHARACTERS);
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const words = wordsOf(text);
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(text, words);
    return words;
  }
}

const HEADLESS_WORDS: AgentWords = { kind: 'headless' };

function wordsOf(text: string): AgentWords {
  const claim = claimOf(text);
  if (claim !== undefined) return { kind: 'claim', claim };
  if (HEADLESS.test(text)) return HEADLESS_WORDS;
  // Who says nothing of itself is a program: every browser does.
  if (text.trim() === '' || TOOL.test(text) || PLUS_TOOL.test(text)) return { kind: 'tool' };
  return { kind: CRAWLER.test(text) ? 'crawler' : 'human' };
}
