// Sends a file piece by piece, so that a lost connection costs one piece; where both sides disagree, the server says
// where to go on.
const PIECE = 1_048_576;
const TRIES = 5;
const tokenOfPage = () => JSON.parse(document.body.getAttribute('hx-headers') || '{}')['X-CSRFToken'] || '';
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function ask(method, url, body, headers, token) {
  const answer = await fetch(url, { method, body, headers: { 'X-CSRFToken': token, ...headers } });
  const said = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, ...said };
}

export function json(method, url, body, token = tokenOfPage()) {
  return ask(method, url, JSON.stringify(body), { 'Content-Type': 'application/json' }, token);
}

export async function pieces(url, file, begun, show, token = tokenOfPage()) {
  let { offset } = begun;
  let failures = 0;
  while (offset < file.size) {
    show(offset);
    const piece = file.slice(offset, offset + Math.min(PIECE, begun.chunk));
    const headers = { 'Content-Type': 'application/octet-stream', 'Upload-Offset': String(offset) };
    try {
      const answer = await ask('PATCH', url, piece, headers, token);
      if (answer.ok || answer.status === 409) offset = answer.offset;
      else throw new Error(answer.reason);
      failures = 0;
    } catch {
      failures += 1;
      if (failures > TRIES) return false;
      await pause(400 * 2 ** failures);
    }
  }
  show(file.size);
  return true;
}
