/** Requests as browsers and programs send them all day, as bytes. */

const BROWSER = [
  'Host: shop.example.com',
  'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Accept-Encoding: gzip, deflate, br',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
];
const COOKIE =
  'Cookie: _ga=GA1.1.1022459808.1716226183; _gcl_au=1.1.1473092621.1701944313; sid=s%3A8f3a9c1b2d4e5f60718293a4.b5c6d7e8f9; theme=dark; locale=en-GB; recent=%5B%22a4eb65b8%22%2C%222de210e4%22%5D';
const REFERER = 'Referer: https://shop.example.com/category/shoes?page=2&sort=price';

function get(path: string, more: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, ...BROWSER, ...more, '', ''].join('\r\n');
}

function post(path: string, type: string, body: string, more: readonly string[] = []): string {
  const bytes = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    ...BROWSER,
    ...more,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${bytes.toString('latin1')}`;
}

function order(bytes: number): string {
  const items: object[] = [];
  const text = (): string => JSON.stringify({ customer: 'a4eb65b8-a510-47eb-a67d-ee1ce133110b', items });
  while (text().length < bytes) {
    const n = items.length;
    items.push({
      id: `2de210e4-f3eb-4293-afaf-${String(549552000000 + n)}`,
      name: `Running shoe, model ${n}`,
      price: 19.5 + n,
      quantity: (n % 5) + 1,
      note: "Please don't ring the bell - it's late.",
      tags: ['new', 'sale'],
    });
  }
  return text();
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const comment =
  'I bought this for my daughter (she is 12) & she loves it! Delivery took 3 days; the box was a bit dented, but that\'s no problem. Would buy again - "great value", as they say.';

/** Each case and its requests. */
export const CASES: Readonly<Record<string, readonly string[]>> = {
  GET: [get('/products/42', [COOKIE])],
  'everyday mix': [
    get('/', [COOKIE]),
    get('/products/42?color=dark+blue&size=42', [COOKIE, REFERER]),
    get('/search?q=O%27Brien+%26+Sons&page=3&sort=relevance', [COOKIE, REFERER]),
    get('/assets/app.4f3a9c1b.js', [REFERER]),
    get('/blog/2024/05/ten-ways-to-lace-your-shoes?utm_source=newsletter&utm_campaign=may_2024', [COOKIE]),
    get('/auth/callback?code=4%2F0AY0e-g7xyz&state=eyJyIjoiLyJ9&scope=email+profile', [COOKIE]),
    post(
      '/login',
      FORM,
      'email=jane.doe%40example.co.uk&password=c0rrect-Horse%21battery%23staple&next=%2Faccount',
      [COOKIE],
    ),
    post('/comments', FORM, `product=42&text=${encodeURIComponent(comment)}`, [COOKIE, REFERER]),
    post(
      '/api/profile',
      JSON_TYPE,
      JSON.stringify({ name: "Seán O'Brien", city: 'Zürich', phone: '+41 44 123 45 67', bio: comment }),
      [COOKIE],
    ),
    post(
      '/api/cart',
      JSON_TYPE,
      JSON.stringify({ items: [{ sku: 'SKU-4316', quantity: 3 }], coupon: null }),
      [COOKIE],
    ),
  ],
  'JSON 1 KB': [post('/orders', JSON_TYPE, order(1_000), [COOKIE])],
  'JSON 10 KB': [post('/orders', JSON_TYPE, order(10_000), [COOKIE])],
};

/** One that every contender must refuse. */
export const ATTACK = get(`/?q=${encodeURIComponent('<script>alert(document.cookie)</script>')}`);
