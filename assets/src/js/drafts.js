// <form data-draft="/where/to/post">: what was typed is sent as a draft ten seconds after a change; the answer's time
// is written into [data-draft-state].
import { language, words } from './words.js';

const WAIT = 10_000;
const waiting = new WeakMap();

async function save(form) {
  waiting.delete(form);
  if (!form.isConnected) return;
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) {
    if (value instanceof File) fields.delete(name);
  }
  const state = form.querySelector('[data-draft-state]');
  try {
    const answer = await fetch(form.dataset.draft, { method: 'POST', body: fields, redirect: 'error' });
    if (answer.status === 409 && state) {
      state.textContent = words.draftStale;
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json().catch(() => ({}));
    if (said.version && form.elements.version) form.elements.version.value = said.version;
    const time = new Date().toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hour12: false });
    if (state) state.textContent = words.draftSaved(time);
  } catch {
    if (state) state.textContent = words.draftFailed;
  }
}

document.addEventListener('input', (event) => {
  const form = event.target.closest?.('form[data-draft]');
  if (form && !waiting.has(form)) waiting.set(form, setTimeout(() => save(form), WAIT));
});

// What decides which other parts a page shows is kept at once, and told with an event of its own.
document.addEventListener('change', async (event) => {
  const form = event.target.closest?.('[data-draft-now]')?.closest('form[data-draft]');
  if (!form) return;
  clearTimeout(waiting.get(form));
  await save(form);
  form.dispatchEvent(new CustomEvent('draft-saved', { bubbles: true }));
});

document.addEventListener('submit', (event) => {
  clearTimeout(waiting.get(event.target));
  waiting.delete(event.target);
});
