// Names for parts that the theme leaves without one, so that screen readers can tell them apart.
import { words } from './words.js';

function nameEmptyHeads() {
  for (const head of document.querySelectorAll('#result_list thead th')) {
    if (head.textContent.trim() || head.querySelector('input')) continue;
    const text = document.createElement('span');
    text.className = 'sr-only';
    text.textContent = words.expand;
    head.append(text);
  }
}

function number(selector, name) {
  document.querySelectorAll(selector).forEach((element, index) => {
    element.setAttribute('aria-label', `${name} ${index + 1}`);
  });
}

addEventListener('load', () => {
  nameEmptyHeads();
  number('.simplebar-content-wrapper', words.scrollArea);
  number('nav:not([aria-label])', words.navigation);
});
