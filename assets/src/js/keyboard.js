// Keys of a list and of the shell. Single letters never act while somebody types or composes Chinese, and the
// account can switch them off (body data-keys="off"); Ctrl+Enter, Ctrl+S and Esc always work.
//
// data-go="o" on a link: g, then o. data-key="n" on a button or link: that letter presses it.
import { pick } from './bulk_selection.js';
import { openSheet } from './sheet.js';

const FIELDS = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]';
const SECOND_KEY_WITHIN = 1500;
let at = -1;
let wentAt = 0;

function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

function typing(event) {
  return Boolean(event.target.closest?.(FIELDS)) || Boolean(document.querySelector('dialog[open]'));
}

function listed() {
  return [...document.querySelectorAll('main table tbody tr')].filter((row) => row.querySelector('a'));
}

function current() {
  return listed()[at];
}

function step(by) {
  const rows = listed();
  if (!rows.length) return;
  at = Math.max(0, Math.min(rows.length - 1, at + by));
  rows.forEach((row, index) => row.classList.toggle('at', index === at));
  rows[at].querySelector('a').focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: 'nearest' });
}

function togglePick(range) {
  const box = current()?.querySelector('input[name=pick]');
  if (!box) return;
  box.checked = !box.checked;
  pick(box, { range });
}

function open() {
  current()?.querySelector('a').click();
}

function search() {
  const field = document.querySelector('main [data-search]') || document.getElementById('q');
  field?.focus();
  field?.select();
}

function press(letter) {
  const target = document.querySelector(`main [data-key="${CSS.escape(letter)}"]`);
  if (!target || target.closest('[hidden]')) return false;
  target.focus();
  target.click();
  return true;
}

function goTo(letter) {
  wentAt = 0;
  document.querySelector(`[data-go="${CSS.escape(letter)}"]`)?.click();
}

const SINGLE = {
  j: () => step(1),
  k: () => step(-1),
  x: () => togglePick(false),
  X: () => togglePick(true),
  o: open,
  '/': search,
  '?': openSheet,
  g: () => {
    wentAt = Date.now();
  },
};

function onSingle(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  if (document.body.dataset.keys === 'off') return;
  const second = Date.now() - wentAt < SECOND_KEY_WITHIN;
  if (second && /^[a-z]$/.test(event.key)) goTo(event.key);
  else if (SINGLE[event.key]) SINGLE[event.key]();
  else if (!/^[a-z]$/.test(event.key) || !press(event.key)) return;
  event.preventDefault();
}

function onTogether(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const dialog = document.querySelector('dialog[open]');
  if (event.key === 'Enter') {
    const form = event.target.closest?.('form') || dialog?.querySelector('form');
    if (!form || form.method === 'get') return;
    event.preventDefault();
    form.requestSubmit();
  }
  if (event.key === 's' && !dialog) {
    const form = event.target.closest?.('form[data-dirty]') || document.querySelector('form[data-dirty]');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  }
}

addEventListener('keydown', (event) => {
  if (composing(event) || event.defaultPrevented) return;
  onTogether(event);
  if (!event.defaultPrevented) onSingle(event);
  if (event.key === 'Escape' && event.target.matches?.('input[type=search]')) event.target.blur();
});

document.addEventListener('htmx:afterSwap', () => {
  at = -1;
});
