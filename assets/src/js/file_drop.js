// <file-drop max-mb="200" max-files="12"> around a label.drop, an <input type="file"> and an empty ul.files.
// Files are listed with size and fingerprint before they are sent; each can be taken out again.
import { words } from './words.js';

const MEGABYTE = 1_048_576;
const FINGERPRINT_UP_TO = 256 * MEGABYTE;

async function fingerprint(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sizeText(bytes) {
  return bytes < MEGABYTE ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type=file]');
    this.zone = this.querySelector('.drop');
    this.list = this.querySelector('.files');
    if (!this.input || !this.zone || !this.list) return;
    this.input.addEventListener('change', () => this.show());
    for (const name of ['dragenter', 'dragover']) this.zone.addEventListener(name, (event) => this.hover(event, true));
    for (const name of ['dragleave', 'drop']) this.zone.addEventListener(name, (event) => this.hover(event, false));
    this.zone.addEventListener('drop', (event) => this.take([...event.dataTransfer.files]));
  }

  hover(event, over) {
    event.preventDefault();
    this.zone.classList.toggle('over', over);
  }

  take(files) {
    const kept = this.input.multiple ? [...this.input.files, ...files] : files.slice(0, 1);
    const transfer = new DataTransfer();
    kept.forEach((file) => transfer.items.add(file));
    this.input.files = transfer.files;
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  remove(unwanted) {
    const transfer = new DataTransfer();
    [...this.input.files].filter((file) => file !== unwanted).forEach((file) => transfer.items.add(file));
    this.input.files = transfer.files;
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
    this.input.focus();
  }

  show() {
    this.list.querySelectorAll('[data-new]').forEach((row) => row.remove());
    const files = [...this.input.files];
    const most = Number(this.getAttribute('max-files') || Infinity);
    this.input.setCustomValidity(files.length > most ? words.tooMany(most) : '');
    files.forEach((file) => this.list.append(this.row(file)));
  }

  row(file) {
    const row = document.createElement('li');
    const text = document.createElement('div');
    const name = document.createElement('b');
    const facts = document.createElement('small');
    row.dataset.new = '';
    name.textContent = file.name;
    facts.textContent = sizeText(file.size);
    text.append(name, facts);
    row.append(text, this.removeButton(file));
    this.describe(file, row, facts);
    return row;
  }

  async describe(file, row, facts) {
    const tooBig = file.size > Number(this.getAttribute('max-mb') || Infinity) * MEGABYTE;
    row.classList.toggle('too-big', tooBig);
    if (tooBig) facts.textContent += ` · ${words.tooBig}`;
    else if (crypto.subtle && file.size <= FINGERPRINT_UP_TO) {
      facts.textContent += ` · SHA-256 ${(await fingerprint(file)).slice(0, 12)}…`;
    }
  }

  removeButton(file) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn-plain';
    button.textContent = '×';
    button.setAttribute('aria-label', words.remove(file.name));
    button.addEventListener('click', () => this.remove(file));
    return button;
  }
}

customElements.define('file-drop', FileDrop);
