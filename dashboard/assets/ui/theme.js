// The button that goes through auto, light and dark. The choice is this browser's, not the URL's.

const ORDER = ['auto', 'light', 'dark'];

/** @param {string} theme */
function store(theme) {
  try {
    if (theme === 'auto') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // Storage may be forbidden; then the choice lives as long as the page.
  }
}

/** @param {HTMLElement} button */
export function themeButton(button) {
  const root = document.documentElement;
  const current = () => root.dataset.theme ?? 'auto';
  const label = () => (button.textContent = `Theme: ${current()}`);
  button.addEventListener('click', () => {
    const next = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    if (next === 'auto') delete root.dataset.theme;
    else root.dataset.theme = next;
    store(next);
    label();
  });
  label();
}
