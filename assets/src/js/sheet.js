// The sheet of keys: opened by ? or by any [data-open-sheet]; keys that only this page has are listed from its buttons.
const sheet = document.getElementById('keys');

function listPageKeys() {
  const section = sheet.querySelector('[data-page-keys]');
  const buttons = [...document.querySelectorAll('main [data-key]')].filter((button) => !button.closest('[hidden]'));
  section.replaceChildren(
    ...buttons.flatMap((button) => {
      const term = document.createElement('dt');
      const key = document.createElement('kbd');
      const meaning = document.createElement('dd');
      key.textContent = button.dataset.key;
      term.append(key);
      meaning.textContent = button.textContent.trim();
      return [term, meaning];
    }),
  );
}

export function openSheet() {
  if (!sheet || sheet.open) return;
  listPageKeys();
  sheet.showModal();
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-open-sheet]')) openSheet();
  const dialog = event.target.closest('dialog');
  if (event.target.closest('[data-close]') || event.target === dialog) dialog?.close();
});
