// Keys of the staff admin, besides the theme's own ([, f, c, ?, Ctrl+K, Ctrl+E): j, k, x, Enter, o, / in lists,
// and the letter of any [data-key]. Never while somebody types or composes; body data-keys="off" switches them off.
const FIELDS = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]';
let at = -1;

function rows() {
  return [...document.querySelectorAll('#result_list tbody tr:has(.action-select), #result_list tbody tr:has(th a)')];
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, at + by));
  all.forEach((row, index) => row.classList.toggle('at', index === at));
  all[at].scrollIntoView({ block: 'nearest' });
  all[at].querySelector('th a, td a')?.focus({ preventScroll: true });
}

function press(letter) {
  const target = document.querySelector(`[data-key="${CSS.escape(letter)}"]`);
  if (!target) return false;
  target.focus();
  target.click();
  return true;
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => rows()[at]?.querySelector('.action-select')?.click(),
  o: () => rows()[at]?.querySelector('th a, td a')?.click(),
  '/': () => document.querySelector('#searchbar')?.focus(),
};

addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(FIELDS)) return;
  if (document.body.dataset.keys === 'off') return;
  if (KEYS[event.key]) KEYS[event.key]();
  else if (!/^[a-z]$/.test(event.key) || !press(event.key)) return;
  event.preventDefault();
});
