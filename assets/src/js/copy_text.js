// <copy-text> around a [data-copy] (whose text is copied) and a button.
import { announce } from './announce.js';
import { words } from './words.js';

const SHOWN_FOR = 2_000;

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  throw new Error('no clipboard on a page without https');
}

class CopyText extends HTMLElement {
  connectedCallback() {
    this.querySelector('button')?.addEventListener('click', () => this.copy());
  }

  async copy() {
    const source = this.querySelector('[data-copy]');
    try {
      await write(source.textContent.trim());
      this.told();
    } catch {
      getSelection().selectAllChildren(source);
    }
  }

  told() {
    const label = this.querySelector('[data-copy-label]');
    const before = label.textContent;
    announce(words.copied);
    if (before === words.copied) return;
    label.textContent = words.copied;
    setTimeout(() => {
      label.textContent = before;
    }, SHOWN_FOR);
  }
}

customElements.define('copy-text', CopyText);
