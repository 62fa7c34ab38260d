// data-confirm="Withdraw MC-1?" on a form, or on the button that submits it, asks in a dialog before it is sent.
// data-confirm-text names the consequence, data-confirm-verb is the word on the button.
// The same words on an element with hx-confirm are used for htmx requests.
import { words } from './words.js';

const dialog = document.getElementById('confirm');
let proceed = null;

function ask(source, question, then) {
  const verb = source.dataset.confirmVerb || words.confirm;
  dialog.querySelector('[data-question]').textContent = question;
  dialog.querySelector('[data-text]').textContent = source.dataset.confirmText || '';
  dialog.querySelector('[data-yes]').textContent = verb;
  dialog.querySelector('[data-yes]').classList.toggle('btn-danger', 'confirmDanger' in source.dataset);
  proceed = then;
  dialog.showModal();
}

function sourceOf(form, submitter) {
  if (submitter?.dataset.confirm) return submitter;
  return form.dataset.confirm ? form : null;
}

document.addEventListener(
  'submit',
  (event) => {
    const form = event.target;
    const source = dialog && sourceOf(form, event.submitter);
    if (!source || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopPropagation();
    const { submitter } = event;
    ask(source, source.dataset.confirm, () => {
      form.dataset.confirmed = '1';
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    });
  },
  true,
);

document.addEventListener('htmx:confirm', (event) => {
  if (!dialog || !event.detail.question) return;
  event.preventDefault();
  ask(event.detail.elt, event.detail.question, () => event.detail.issueRequest(true));
});

dialog?.querySelector('[data-yes]').addEventListener('click', () => {
  const then = proceed;
  dialog.close();
  then?.();
});

dialog?.addEventListener('close', () => {
  proceed = null;
});
