// <form data-dirty>: its [data-save-bar] shows once something was changed, and leaving the page asks first.
const dirty = new Set();

function mark(form, changed) {
  if (changed) dirty.add(form);
  else dirty.delete(form);
  const bar = form.querySelector('[data-save-bar]');
  if (bar) bar.hidden = !changed;
}

function formOf(event) {
  return event.target.closest?.('form[data-dirty]');
}

document.addEventListener('input', (event) => {
  const form = formOf(event);
  if (form) mark(form, true);
});

document.addEventListener('reset', (event) => {
  const form = formOf(event);
  if (form) mark(form, false);
});

document.addEventListener('submit', (event) => {
  const form = formOf(event);
  if (form && !event.defaultPrevented) dirty.delete(form);
});

document.addEventListener('htmx:afterRequest', (event) => {
  const form = formOf(event);
  if (form && event.detail.successful && event.detail.requestConfig.verb !== 'get') mark(form, false);
});

addEventListener('beforeunload', (event) => {
  const open = [...dirty].some((form) => form.isConnected);
  if (open) event.preventDefault();
});
