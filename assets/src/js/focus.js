// [data-focus] takes the focus when the page or a swapped part arrives: the error summary of a form.
function take(root) {
  root.querySelector?.('[data-focus]')?.focus();
}

take(document);
document.addEventListener('htmx:afterSettle', (event) => take(event.target));
