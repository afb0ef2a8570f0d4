// Walking through the cells of a table with the arrow keys: one tab stop for all of them.

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** @param {HTMLElement[][]} cells @param {EventTarget | null} target */
function find(cells, target) {
  for (const [row, line] of cells.entries()) {
    const column = line.findIndex((cell) => cell === target);
    if (column >= 0) return { row, column };
  }
  return null;
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLElement[][]} cells
 */
export function walkCells(table, cells) {
  table.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    const at = find(cells, event.target);
    if (!move || !at) return;
    let [row, column] = [at.row + move[0], at.column + move[1]];
    // Some columns are hidden where there is little room.
    while (cells[row]?.[column] && !cells[row][column].offsetParent) column += move[1] || 1;
    const next = cells[row]?.[column];
    if (!next) return;
    event.preventDefault();
    cells[at.row][at.column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
