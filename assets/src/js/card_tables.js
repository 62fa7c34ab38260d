// On phones the rows of a table become cards. A table that does not say where its cells go gets it said here: the
// first cell is the head of the card, state and time have their corners, the others are lines with their column's words.
const PLACES = { sla: '.sla', status: '.status', when: ':scope > :is(relative-time, time):only-child' };

function place(row, cells) {
  if (row.querySelector('[data-c]')) return;
  cells[0].dataset.c = 'id';
  for (const [name, part] of Object.entries(PLACES)) {
    const cell = cells.slice(1).find((each) => !each.dataset.c && each.querySelector(part));
    if (cell) cell.dataset.c = name;
  }
}

function label(table) {
  // A head that is only there for those who listen (“Actions”) would be noise on a card.
  const heads = [...table.querySelectorAll('thead th')].map((head) =>
    head.querySelector('.visually-hidden') ? '' : head.textContent.trim(),
  );
  table.classList.add('card-table');
  for (const row of table.querySelectorAll('tbody tr')) {
    const cells = [...row.cells].filter((cell) => !cell.classList.contains('pick'));
    if (cells.length) place(row, cells);
    for (const cell of cells) {
      if (!cell.dataset.c && cell.dataset.label === undefined) cell.dataset.label = heads[cell.cellIndex] || '';
    }
  }
}

function labelAll() {
  document.querySelectorAll('main .card table.table').forEach((table) => {
    if (!table.closest('.chart-table')) label(table);
  });
}

labelAll();
document.addEventListener('htmx:afterSwap', labelAll);
