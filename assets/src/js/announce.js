// One quiet region of the page that screen readers read out: announce('…') says a thing once.
export function announce(text) {
  const region = document.getElementById('announcer');
  if (region) region.textContent = text;
}
