// Runs before the first paint, so that a page that follows the system does not flash in the other theme.
const root = document.documentElement;
if (root.dataset.theme === 'system') {
  root.dataset.bsTheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
