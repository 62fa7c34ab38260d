// <fieldset data-rows> of <ol> with <li data-row>: rows are added from the <template>, removed and moved. The order of
// the rows in the page is the order that is sent; each row keeps the token it was given. The buttons send the form:
// without this script the server adds, removes and moves.
let added = 0;

function add(list) {
  const blank = list.querySelector('template').innerHTML;
  added += 1;
  const token = `n${Date.now().toString(36)}${added}`;
  list.querySelector('ol').insertAdjacentHTML('beforeend', blank.replaceAll('-new-', `-${token}-`));
  const row = list.querySelector('ol').lastElementChild;
  row.querySelector('input[type=hidden]').value = token;
  row.querySelector('select, input:not([type=hidden])')?.focus();
}

function remove(row) {
  const beside = row.nextElementSibling || row.previousElementSibling;
  const list = row.closest('[data-rows]');
  row.remove();
  (beside?.querySelector('[data-row-remove]') || list.querySelector('[data-row-add]')).focus();
}

function move(row, button) {
  const other = button.hasAttribute('data-row-up') ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (button.hasAttribute('data-row-up')) other.before(row);
  else other.after(row);
  button.focus();
}

addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-rows] button[name=rows]');
  if (!button) return;
  event.preventDefault();
  const row = button.closest('[data-row]');
  if (button.hasAttribute('data-row-add')) add(button.closest('[data-rows]'));
  else if (button.hasAttribute('data-row-remove')) remove(row);
  else move(row, button);
});

addEventListener('DOMContentLoaded', () => document.querySelector('[data-first-fault]')?.focus());
