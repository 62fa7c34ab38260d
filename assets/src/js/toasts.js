// <toast-note>: goes away by itself after eight seconds, but never while the pointer or the focus is on it.
// A response with HX-Trigger: {"toast": {"text": "…", "undo": "/path", "level": "bad"}} adds one.
import { words } from './words.js';

const LIFE = 8_000;

class ToastNote extends HTMLElement {
  connectedCallback() {
    this.addEventListener('pointerenter', () => this.hold());
    this.addEventListener('focusin', () => this.hold());
    this.addEventListener('pointerleave', () => this.start());
    this.addEventListener('focusout', () => this.start());
    this.addEventListener('click', (event) => {
      if (event.target.closest('[data-dismiss]')) this.remove();
    });
    this.start();
  }

  disconnectedCallback() {
    this.hold();
  }

  hold() {
    clearTimeout(this.timer);
  }

  start() {
    this.hold();
    this.timer = setTimeout(() => {
      if (this.matches(':hover, :focus-within')) this.start();
      else this.remove();
    }, LIFE);
  }
}

customElements.define('toast-note', ToastNote);

export function toast({ text, undo = '', level = '' }) {
  const template = document.getElementById('toast-template');
  const list = document.getElementById('toasts');
  if (!template || !list || !text) return;
  const note = template.content.firstElementChild.cloneNode(true);
  if (level) note.classList.add(`toast-${level}`);
  note.querySelector('p').textContent = text;
  const form = note.querySelector('form');
  if (undo) form.action = undo;
  else form.remove();
  list.append(note);
}

document.addEventListener('toast', (event) => toast(event.detail));

// An answer that htmx does not show must still be told.
document.addEventListener('htmx:sendError', () => toast({ text: words.failed, level: 'bad' }));
document.addEventListener('htmx:responseError', (event) => {
  const problem = event.detail.xhr.getResponseHeader('HX-Trigger') || '';
  if (!problem.includes('toast')) toast({ text: words.failed, level: 'bad' });
});
