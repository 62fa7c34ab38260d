// On small screens the side bar is a drawer: data-drawer on its button, id="side" on the bar.
const side = document.getElementById('side');
const button = document.querySelector('[data-drawer]');

function isOpen() {
  return side.classList.contains('open');
}

function set(open) {
  side.classList.toggle('open', open);
  button.setAttribute('aria-expanded', String(open));
  if (open) side.querySelector('a').focus();
}

if (side && button) {
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-drawer]')) set(!isOpen());
    else if (isOpen() && !side.contains(event.target)) set(false);
  });
  side.addEventListener('focusout', (event) => {
    const next = event.relatedTarget;
    if (isOpen() && next && !side.contains(next) && next !== button) set(false);
  });
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !isOpen()) return;
    set(false);
    button.focus();
  });
}
