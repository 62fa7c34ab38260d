// Buttons with data-set-theme="light|dark|system" choose the theme; a cookie keeps it for the server.
const YEAR = 31_536_000;
const root = document.documentElement;
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function apply() {
  const chosen = root.dataset.theme || 'system';
  const dark = chosen === 'system' ? prefersDark.matches : chosen === 'dark';
  root.dataset.bsTheme = dark ? 'dark' : 'light';
  for (const button of document.querySelectorAll('[data-set-theme]')) {
    button.setAttribute('aria-pressed', String(button.dataset.setTheme === chosen));
  }
  dispatchEvent(new Event('themechange'));
}

function choose(theme) {
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `theme=${theme};path=/;max-age=${YEAR};samesite=lax${secure}`;
  root.dataset.theme = theme;
  apply();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-set-theme]');
  if (button) choose(button.dataset.setTheme);
});
prefersDark.addEventListener('change', apply);
apply();
