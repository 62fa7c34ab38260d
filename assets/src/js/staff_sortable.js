// <ol data-sortable="yes"> of <li draggable data-code>: dropping a lesson on another puts it before that one, by the
// same form that the list of places beside it sends.
document.addEventListener('dragstart', (event) => {
  const item = event.target.closest?.('[data-sortable] [data-code]');
  if (item) event.dataTransfer.setData('text/plain', item.dataset.code);
});

for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, (event) => {
    const item = event.target.closest?.('[data-sortable="yes"] [data-code]');
    if (!item) return;
    event.preventDefault();
    item.classList.toggle('over', name === 'dragover');
    if (name === 'drop') move(event.dataTransfer.getData('text/plain'), item.dataset.code);
  });
}

function move(code, before) {
  if (!code || code === before) return;
  const form = document.querySelector(`[data-sortable] [data-code="${CSS.escape(code)}"] form`);
  if (!form) return;
  form.elements.before.value = before;
  form.requestSubmit();
}
