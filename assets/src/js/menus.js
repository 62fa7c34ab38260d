// <details class="menu"> closes on Esc (focus returns to its button), and when focus or a click goes elsewhere.
function openMenus() {
  return document.querySelectorAll('details.menu[open]');
}

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

function closeOthers(target) {
  for (const menu of openMenus()) {
    if (!menu.contains(target)) menu.open = false;
  }
}

addEventListener('click', (event) => closeOthers(event.target));
addEventListener('focusin', (event) => closeOthers(event.target));

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) print();
});
