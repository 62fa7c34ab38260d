// Inside [data-rows]: boxes named "pick", one [data-pick-all], a [data-bulk] bar with [data-bulk-count].
// Shift takes the whole range; [data-pick-every] offers all rows of the filter, not only this page.
let last = null;

function boxesIn(rows) {
  return [...rows.querySelectorAll('input[name=pick]')];
}

function refresh(rows) {
  const boxes = boxesIn(rows);
  const picked = boxes.filter((box) => box.checked).length;
  const all = rows.querySelector('[data-pick-all]');
  if (all) {
    all.checked = boxes.length > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  }
  const bar = rows.querySelector('[data-bulk]');
  if (!bar) return;
  bar.hidden = picked === 0;
  bar.querySelector('[data-bulk-count]').textContent = picked;
  offerEvery(bar, picked === boxes.length);
}

function offerEvery(bar, wholePage) {
  const offer = bar.querySelector('[data-pick-every]');
  const field = bar.querySelector('input[name=every]');
  if (!wholePage && field) field.value = '';
  if (offer) offer.hidden = !wholePage || Boolean(field?.value);
}

export function pickRange(rows, box) {
  const boxes = boxesIn(rows);
  const ends = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
  if (ends[0] < 0) return;
  boxes.slice(ends[0], ends[1] + 1).forEach((each) => {
    each.checked = box.checked;
  });
}

export function pick(box, { range = false } = {}) {
  const rows = box.closest('[data-rows]');
  if (!rows) return;
  if (range) pickRange(rows, box);
  last = box;
  refresh(rows);
}

document.addEventListener('click', (event) => {
  const rows = event.target.closest('[data-rows]');
  if (!rows) return;
  if (event.target.matches('input[name=pick]')) pick(event.target, { range: event.shiftKey });
  if (event.target.matches('[data-pick-all]')) {
    boxesIn(rows).forEach((box) => {
      box.checked = event.target.checked;
    });
    refresh(rows);
  }
  const every = event.target.closest('[data-pick-every]');
  if (every) {
    rows.querySelector('input[name=every]').value = '1';
    rows.querySelector('[data-bulk-count]').textContent = every.dataset.pickEvery;
    every.hidden = true;
  }
});
