/** Solves the challenge of the page in a worker, hands it in, and opens what was asked for. */
(() => {
  const root = document.getElementById('challenge');
  const say = document.getElementById('say');
  const bar = document.getElementById('bar');
  const retry = document.getElementById('retry');
  const task = root.dataset;
  const total = Number(task.puzzles);
  /** More rounds than these in a minute are a circle, such as of an address that changes all the time. */
  const MAX_ROUNDS = 3;
  const KEPT = 'rampart-challenge';
  let before = 0;

  function show(state, text, button) {
    root.dataset.state = state;
    say.textContent = text;
    if (button === undefined) return;
    retry.textContent = button;
    retry.hidden = false;
    retry.focus();
  }

  function isCircle() {
    try {
      const now = Date.now();
      const rounds = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]').filter((at) => now - at < 60_000);
      sessionStorage.setItem(KEPT, JSON.stringify([...rounds, now]));
      return rounds.length >= MAX_ROUNDS;
    } catch {
      return false;
    }
  }

  function inWorker() {
    return new Promise((resolve, reject) => {
      const worker = new Worker(task.solver);
      worker.addEventListener('error', reject);
      worker.addEventListener('message', ({ data }) => {
        bar.value = data.solved;
        if (data.solved < total) return;
        worker.terminate();
        resolve(data.counters);
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      worker.postMessage({ seed: task.seed, bits: Number(task.bits), puzzles: total });
    });
  }

  /** Where there are no workers: in pieces so short that the page goes on answering. */
  async function onPage() {
    await new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = task.solver;
      script.addEventListener('load', resolve);
      script.addEventListener('error', reject);
      document.head.append(script);
    });
    const counters = [];
    for (let index = 0; index < total; index++) {
      let from = 0;
      let found = -1;
      while (found < 0) {
        found = globalThis.rampartSearch(task.seed, index, Number(task.bits), from, 1000);
        from += 1000;
        if (from % 4000 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      counters.push(found);
      bar.value = index + 1;
    }
    return counters;
  }

  async function handIn(counters) {
    const headers = { accept: 'application/json', 'x-rampart-challenge': task.token };
    headers['x-rampart-proof'] = counters.join('.');
    const answer = await fetch(task.submit, { method: 'POST', headers, credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
    const status = await fetch(`${task.submit}/status`, {
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
      cache: 'no-store',
    });
    return (await status.json()).data.cleared;
  }

  function goOn() {
    if (task.after === 'back') {
      show('done', task.again, task.back);
      return;
    }
    show('done', task.done);
    if (task.after === 'reload') location.reload();
    else location.replace(task.after);
  }

  async function run() {
    const done = await handIn(await inWorker().catch(onPage));
    if (done) goOn();
    else show('failed', task.cookies, task.retry);
  }

  retry.addEventListener('click', () => {
    if (root.dataset.state === 'done') history.back();
    else if (task.after === 'back') history.back();
    else location.reload();
  });
  // A page that comes back from the browser's memory holds a challenge that was used.
  addEventListener('pageshow', (event) => {
    if (event.persisted && Date.now() - before > 1000) location.reload();
  });
  addEventListener('pagehide', () => (before = Date.now()));

  if (!navigator.cookieEnabled) show('failed', task.cookies, task.retry);
  else if (isCircle()) show('failed', task.failed, task.retry);
  else {
    show('working', task.working);
    run().catch(() => show('failed', task.failed, task.retry));
  }
})();
