/** A crawler that says who it is, and how that can be proven. */
export interface GoodBot {
  /** Stable, lower case; also the name of its file of ranges: `googlebot.json`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** What its User-Agent holds. */
  readonly token: RegExp;
  /** Domains of its reverse names, where its operator documents them. */
  readonly domains: readonly string[];
  /** Where its operator publishes the ranges; for whoever fills the folder. */
  readonly rangesUrl?: string;
}

/**
 * Crawlers that are worth proving. Domains are those that operators document for reverse DNS; names of rented machines
 * (`googleusercontent.com`) are not among them, since anybody can rent one. A bot without domains is proven by ranges alone.
 */
export const GOOD_BOTS: readonly GoodBot[] = [
  {
    id: 'googlebot',
    name: 'Google',
    token:
      /\b(?:Googlebot|GoogleOther|Google-InspectionTool|Storebot-Google|AdsBot-Google|Mediapartners-Google|APIs-Google)\b/i,
    domains: ['googlebot.com', 'google.com'],
    rangesUrl: 'https://developers.google.com/static/search/apis/ipranges/googlebot.json',
  },
  {
    id: 'bingbot',
    name: 'Bing',
    token: /\b(?:bingbot|msnbot|BingPreview|adidxbot)\b/i,
    domains: ['search.msn.com'],
    rangesUrl: 'https://www.bing.com/toolbox/bingbot.json',
  },
  { id: 'slurp', name: 'Yahoo Slurp', token: /\bYahoo! Slurp\b/i, domains: ['crawl.yahoo.net'] },
  {
    id: 'duckduckbot',
    name: 'DuckDuckBot',
    token: /\b(?:DuckDuckBot|DuckAssistBot)\b/i,
    domains: [],
    rangesUrl: 'https://duckduckgo.com/duckduckbot.json',
  },
  {
    id: 'applebot',
    name: 'Applebot',
    token: /\bApplebot\b/i,
    domains: ['applebot.apple.com'],
    rangesUrl: 'https://search.developer.apple.com/applebot.json',
  },
  {
    id: 'yandexbot',
    name: 'Yandex',
    token: /\bYandex(?:Bot|Images|Mobile|Accessibility|Favicons|Metrika|Webmaster)/i,
    domains: ['yandex.ru', 'yandex.net', 'yandex.com'],
  },
  { id: 'baiduspider', name: 'Baidu', token: /\bBaiduspider\b/i, domains: ['baidu.com', 'baidu.jp'] },
  {
    id: 'petalbot',
    name: 'PetalBot',
    token: /\bPetalBot\b/i,
    domains: ['petalsearch.com', 'aspiegel.com'],
  },
  { id: 'seznambot', name: 'Seznam', token: /\bSeznamBot\b/i, domains: ['seznam.cz'] },
  { id: 'pinterestbot', name: 'Pinterest', token: /\bPinterest(?:bot)?\/\d/i, domains: ['pinterest.com'] },
  {
    id: 'facebook',
    name: 'Facebook',
    token: /\b(?:facebookexternalhit|facebookcatalog|meta-externalagent)\b/i,
    domains: [],
  },
  {
    id: 'gptbot',
    name: 'OpenAI GPTBot',
    token: /\bGPTBot\b/i,
    domains: [],
    rangesUrl: 'https://openai.com/gptbot.json',
  },
  {
    id: 'oai-searchbot',
    name: 'OpenAI SearchBot',
    token: /\bOAI-SearchBot\b/i,
    domains: [],
    rangesUrl: 'https://openai.com/searchbot.json',
  },
  {
    id: 'perplexitybot',
    name: 'Perplexity',
    token: /\bPerplexityBot\b/i,
    domains: [],
    rangesUrl: 'https://www.perplexity.com/perplexitybot.json',
  },
];

/**
 * The bot that a User-Agent names; `undefined` where it names none. Link previews of Apple's Messages name two networks at
 * once from people's own telephones: that is no claim which anybody could prove.
 */
export function claimOf(userAgent: string): GoodBot | undefined {
  const bot = GOOD_BOTS.find(({ token }) => token.test(userAgent));
  return bot?.id === 'facebook' && /\bTwitterbot\b/i.test(userAgent) ? undefined : bot;
}
