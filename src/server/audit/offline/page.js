// The page around the verifier above: reads files a line at a time, and says what was found.
const at = (id) => document.getElementById(id);
const MAX_SHOWN = 20;
/** A line of a log is shorter by far; what is longer is no log. */
const MAX_LINE = 1_000_000;

/** Whether this browser can check the signatures; the key is that of RFC 8032's first example. */
async function canVerify() {
  try {
    const key = unbase64('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
    await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

/** Lines of a file, read as they are needed. */
async function* linesOf(file, onBytes) {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += value;
    onBytes(value.length);
    const lines = rest.split('\n');
    rest = lines.pop();
    if (rest.length > MAX_LINE) throw new Error('This is no audit log: a line is too long.');
    yield* lines;
  }
  if (rest.trim() !== '') yield rest;
}

/** Lets the page be drawn and answer. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

async function check(keys, file, witnesses) {
  const verifier = new AuditVerifier(keys);
  for (const one of witnesses)
    for await (const line of linesOf(one, () => undefined)) await verifier.witness(line);
  let bytes = 0;
  let count = 0;
  let isFirst = true;
  for await (const line of linesOf(file, (more) => (bytes += more))) {
    if (isFirst && line.includes('"path"') && line.includes('"note"'))
      return { receipt: await receipt(line, keys) };
    isFirst = false;
    await verifier.push(line);
    count += 1;
    if (count % 500 !== 0) continue;
    at('bar').value = bytes / Math.max(1, file.size);
    at('count').textContent = `${count.toLocaleString('en')} lines`;
    await breathe();
  }
  if (isFirst) throw new Error('The file is empty.');
  return { report: verifier.finish() };
}

async function receipt(line, keys) {
  const fault = await verifyReceipt(line, keys);
  return { fault, event: fault === null ? JSON.parse(line) : null };
}

function add(parent, name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  parent.append(element);
  return element;
}

function show(good, title) {
  const result = at('result');
  result.replaceChildren();
  result.className = good ? 'good' : 'bad';
  result.hidden = false;
  add(result, 'h2', title);
  result.focus();
  return result;
}

function showReport(report) {
  const {
    ok,
    from,
    events,
    covered,
    coveredAtUs,
    checkpoints,
    erased,
    expired,
    withheld,
    firstBad,
    problems,
  } = report;
  const first = firstBad === null ? '' : ` The first event that is wrong: ${firstBad}.`;
  const what = from === null ? 'The log is' : `Events ${from} to ${from + events - 1} are`;
  const result = show(ok, ok ? `${what} what was signed.` : `${what} not what was signed.${first}`);
  const until = coveredAtUs === null ? '' : ` until ${new Date(Number(coveredAtUs) / 1000).toISOString()}`;
  add(
    result,
    'p',
    `${events} events, ${covered} of them covered by ${checkpoints} signed checkpoints${until}.`,
  );
  if (erased > 0) add(result, 'p', `${erased} parts of events were erased, as the log says.`);
  if (expired > 0) add(result, 'p', `${expired} parts of events have expired, as the log says.`);
  if (withheld > 0) add(result, 'p', `${withheld} parts of events were left out of the export.`);
  if (problems.length === 0) return;
  const list = add(result, 'ul', '');
  for (const { index, text } of problems.slice(0, MAX_SHOWN))
    add(list, 'li', index === null ? text : `event ${index}: ${text}`);
  if (problems.length > MAX_SHOWN) add(list, 'li', `and ${problems.length - MAX_SHOWN} more`);
}

function showReceipt({ fault, event }) {
  if (fault !== null) return void add(show(false, 'The proof is wrong.'), 'p', fault);
  const result = show(true, 'The proof is right: the event is in the log.');
  const { entry, who, what } = event;
  add(result, 'pre', JSON.stringify({ entry, who: who?.data ?? null, what: what?.data ?? null }, null, 2));
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});

async function run() {
  const [file] = at('file').files;
  const keys = at('key')
    .value.split('\n')
    .map((one) => one.trim())
    .filter(Boolean);
  if (file === undefined || keys.length === 0) return;
  at('verify').disabled = true;
  at('working').hidden = false;
  at('result').hidden = true;
  at('bar').value = 0;
  at('count').textContent = '';
  try {
    const { report, receipt: proof } = await check(keys, file, [...at('checkpoints').files]);
    if (proof) showReceipt(proof);
    else showReport(report);
  } catch (error) {
    const text = error instanceof TypeError ? 'That is not a public key of Ed25519.' : error.message;
    add(show(false, 'This could not be verified.'), 'p', text);
  } finally {
    at('verify').disabled = false;
    at('working').hidden = true;
  }
}

for (const name of ['dragover', 'dragleave', 'drop'])
  at('drop').addEventListener(name, (event) => {
    event.preventDefault();
    at('drop').classList.toggle('over', name === 'dragover');
    if (name === 'drop' && event.dataTransfer.files.length > 0) at('file').files = event.dataTransfer.files;
  });
if (!(await canVerify())) {
  at('unable').hidden = false;
  at('unable').textContent =
    'This browser cannot check Ed25519 signatures. Use Chrome 137, Firefox 129 or Safari 17, or later ones, or run: rampart audit verify FILE --key KEY';
  at('verify').disabled = true;
}
