// A table that is wider than its place is scrolled with the keys as well.
addEventListener('load', () => {
  for (const table of document.querySelectorAll('.staff-table')) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
  }
});
