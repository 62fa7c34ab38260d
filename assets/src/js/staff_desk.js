// The page of a case at the review desk: a key or a button for a result opens the note, it never decides at once.
//
// data-verdict="UPHELD" on a button chooses that result. data-opens="id" opens a folded part, data-focuses="id" goes
// there. data-when="A B" on a part shows it for these results only; data-side hides reasons that do not fit the result.
// data-canned="id" on a select puts the chosen text into that field. Ctrl+Enter sends the form one is in.
const FITS = { UPHELD: ['UPHOLD', 'EITHER'], REJECTED: ['REJECT', 'EITHER'], PARTLY_UPHELD: ['UPHOLD', 'REJECT', 'EITHER'] };

function fit(form) {
  const result = form.querySelector('[name=result]:checked')?.value;
  for (const part of form.querySelectorAll('[data-when]')) {
    const wanted = part.dataset.when.split(' ').includes(result);
    part.hidden = !wanted;
    part.disabled = !wanted;
  }
  for (const label of form.querySelectorAll('[data-side]')) {
    const fits = !result || FITS[result].includes(label.dataset.side);
    label.hidden = !fits;
    if (!fits) label.querySelector('input').checked = false;
  }
}

function choose(result) {
  const form = document.querySelector('[data-verdict-form]');
  const choice = form?.querySelector(`[name=result][value="${CSS.escape(result)}"]`);
  if (!choice) return;
  choice.checked = true;
  fit(form);
  form.scrollIntoView({ block: 'start' });
  form.querySelector('[name=note]').focus({ preventScroll: true });
}

function open(id) {
  const part = document.getElementById(id);
  if (!part) return;
  part.open = true;
  part.scrollIntoView({ block: 'start' });
  part.querySelector('textarea')?.focus({ preventScroll: true });
}

function put(select) {
  const field = document.getElementById(select.dataset.canned);
  if (!select.value || !field) return;
  field.value = field.value ? `${field.value.trimEnd()}\n${select.value}` : select.value;
  select.value = '';
  field.focus();
}

addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-verdict], [data-opens], [data-focuses]');
  if (button?.dataset.verdict) choose(button.dataset.verdict);
  if (button?.dataset.opens) open(button.dataset.opens);
  if (button?.dataset.focuses) document.getElementById(button.dataset.focuses)?.focus();
});

addEventListener('change', (event) => {
  const form = event.target.closest?.('[data-verdict-form]');
  if (form && event.target.name === 'result') fit(form);
  if (event.target.dataset?.canned) put(event.target);
});

addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.('form[method=post]');
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector('.desk-primary') || undefined);
});

addEventListener('DOMContentLoaded', () => document.querySelectorAll('[data-verdict-form]').forEach(fit));
