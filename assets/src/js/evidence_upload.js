// <evidence-upload begin attach purpose refresh>: files chosen by an input[data-type] or dropped on a [data-slot] are
// sent in pieces, each with its own progress; a lost connection costs one piece, and going on is one click.
import { json, pieces } from './in_pieces.js';
import { words } from './words.js';

class EvidenceUpload extends HTMLElement {
  connectedCallback() {
    this.addEventListener('change', (event) => this.chosen(event));
    for (const name of ['dragenter', 'dragover']) this.addEventListener(name, (event) => this.hover(event, true));
    for (const name of ['dragleave', 'drop']) this.addEventListener(name, (event) => this.hover(event, false));
    this.addEventListener('drop', (event) => this.dropped(event));
    this.saved = () => this.refresh();
    document.addEventListener('draft-saved', this.saved);
  }

  disconnectedCallback() {
    document.removeEventListener('draft-saved', this.saved);
  }

  hover(event, over) {
    const slot = event.target.closest?.('[data-slot]');
    if (!slot) return;
    event.preventDefault();
    slot.classList.toggle('over', over);
  }

  dropped(event) {
    const slot = event.target.closest?.('[data-slot]');
    if (slot) [...event.dataTransfer.files].forEach((file) => this.send(file, slot.dataset.slot));
  }

  chosen(event) {
    const input = event.target.closest?.('input[type=file][data-type]');
    if (!input) return;
    event.stopPropagation();
    [...input.files].forEach((file) => this.send(file, input.dataset.type));
    input.value = '';
  }

  async send(file, type) {
    const row = this.row(file);
    try {
      const begun = await json('POST', this.getAttribute('begin'), {
        purpose: this.getAttribute('purpose'),
        name: file.name,
        size: file.size,
      });
      if (!begun.ok) return row.fail(begun.reason || words.failed);
      const whole = await pieces(`${this.getAttribute('begin')}${begun.id}/`, file, begun, (sent) => row.show(sent));
      if (!whole) return row.again(() => this.restart(row, file, type));
      const kept = await json('POST', this.getAttribute('attach'), { file: begun.id, type });
      if (!kept.ok) return row.fail(kept.reason || words.failed);
      row.remove();
      this.refresh();
    } catch {
      row.again(() => this.restart(row, file, type));
    }
    return undefined;
  }

  restart(row, file, type) {
    row.remove();
    this.send(file, type);
  }

  row(file) {
    const item = document.createElement('li');
    const text = document.createElement('div');
    const name = document.createElement('b');
    const facts = document.createElement('small');
    const bar = document.createElement('progress');
    name.textContent = file.name;
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute('aria-label', file.name);
    text.append(name, facts, bar);
    item.append(text);
    this.querySelector('[data-progress]').append(item);
    const end = (message) => {
      facts.textContent = message;
      item.classList.add('too-big');
      bar.remove();
      item.append(dismiss(item));
    };
    return {
      show: (sent) => {
        bar.value = sent;
        facts.textContent = `${Math.floor((100 * sent) / file.size)} %`;
      },
      fail: (message) => end(message),
      again: (resume) => {
        end(words.uploadBroken);
        item.append(button(words.resume, resume));
      },
      remove: () => item.remove(),
    };
  }

  refresh() {
    const target = this.getAttribute('refresh');
    window.htmx?.ajax('GET', this.getAttribute('attach'), { target, swap: 'outerHTML' });
  }
}

function button(label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'btn btn-small';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
}

function dismiss(item) {
  const made = button('×', () => item.remove());
  made.className = 'btn-plain';
  made.setAttribute('aria-label', words.dismiss);
  return made;
}

customElements.define('evidence-upload', EvidenceUpload);
