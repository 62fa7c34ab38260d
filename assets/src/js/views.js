// The view one is in stays in sight where the row of views is wider than the screen.
for (const tab of document.querySelectorAll('.views [aria-current]')) {
  const row = tab.closest('.views');
  row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}
