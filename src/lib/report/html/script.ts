/**
 * Sorting and filtering of tables. The page says everything without it. Numbers of any length sort
 * as numbers; nothing is fetched, stored or sent.
 */
export const SCRIPT = `'use strict';
(() => {
  const collator = new Intl.Collator('en', { numeric: true });
  const valueOf = (row, slot) => {
    const cell = row.cells[slot];
    return cell ? (cell.dataset.sort ?? cell.textContent.trim()) : '';
  };
  const isNumber = (text) => /^\\d+$/.test(text);
  const compare = (a, b) => {
    if (!isNumber(a) || !isNumber(b)) return collator.compare(a, b);
    const [x, y] = [BigInt(a), BigInt(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  const makeSortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, slot) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending';
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (up ? 1 : -1) * compare(valueOf(a, slot), valueOf(b, slot)));
        table.tBodies[0].append(...rows);
      });
    });
  };
  const makeFilterable = (table, id) => {
    const box = document.createElement('div');
    box.className = 'filter';
    const label = document.createElement('label');
    label.htmlFor = id;
    label.textContent = 'Filter rows';
    const input = document.createElement('input');
    input.id = id;
    input.type = 'search';
    const count = document.createElement('span');
    count.className = 'muted';
    count.setAttribute('role', 'status');
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    input.addEventListener('input', () => {
      const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every((word) => texts[i].includes(word));
        if (!row.hidden) shown++;
      });
      count.textContent = words.length === 0 ? '' : shown + ' of ' + rows.length + ' rows';
    });
    box.append(label, input, count);
    table.closest('.scroll').before(box);
  };
  document.querySelectorAll('table').forEach((table, i) => {
    if (table.tBodies[0].rows.length < 2) return;
    makeSortable(table);
    if (table.tBodies[0].rows.length > 7) makeFilterable(table, 'filter-' + i);
  });
})();`;
