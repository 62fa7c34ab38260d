// Collects the icons that templates, Python and our scripts name into one SVG sprite.
//
// An icon is found where the word "icon" stands right before its quoted name: {% icon "tag" %}, icon="tag",
// "icon": "tag", RISK_ICON = "tag"; and in a mapping whose name ends in ICONS: LEVEL_ICONS = {"HIGH": "flame"}.
import fs from 'node:fs';
import path from 'node:path';

const ICON_SET = 'node_modules/@tabler/icons/icons';
const SKIPPED = new Set(['node_modules', 'staticfiles', 'var', 'tests', 'benchmarks', 'assets/build', '__pycache__']);
const NAMED = /\bicon["']?\s*[=: ]\s*\\?["']([a-z0-9-]+)\\?["']/gi;
const CONSTANT = /\b[A-Z_]*ICON\s*=\s*["']([a-z0-9-]+)["']/g;
const MAPPING = /\b[A-Z_]*ICONS\b[^={]*=\s*\{([^}]*)\}/g;
const QUOTED = /["']([a-z0-9-]+)["']/g;

// The staff admin draws its icons from another font, whose names we must not look up here.
function belongsToStaffAdmin(file) {
  return /(^|\/)(admin|unfold)(\/|\.py$)|merchant_protection\/config\//.test(file);
}

export function* filesUnder(folder, pattern) {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.posix.join(folder, entry.name);
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name) || SKIPPED.has(file)) continue;
    if (entry.isDirectory()) yield* filesUnder(file, pattern);
    else if (pattern.test(entry.name)) yield file;
  }
}

function namesIn(text) {
  const mapped = [...text.matchAll(MAPPING)].flatMap((found) => [...found[1].matchAll(QUOTED)]);
  return [...text.matchAll(NAMED), ...text.matchAll(CONSTANT), ...mapped].map((found) => found[1]);
}

function fileOf(name) {
  const filled = name.endsWith('-filled');
  return path.join(ICON_SET, filled ? 'filled' : 'outline', `${filled ? name.slice(0, -7) : name}.svg`);
}

function symbol(name) {
  const paint = name.endsWith('-filled')
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
  const drawing = fs
    .readFileSync(fileOf(name), 'utf8')
    .replace(/<!--[\s\S]*?-->/g, '')
    .match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1]
    .replace(/\s*\n\s*/g, '')
    .replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', '');
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${drawing}</symbol>`;
}

function collect() {
  const names = new Set();
  const unknown = [];
  for (const file of filesUnder('.', /\.(html|py|js)$/)) {
    if (belongsToStaffAdmin(file)) continue;
    for (const name of namesIn(fs.readFileSync(file, 'utf8'))) {
      if (fs.existsSync(fileOf(name))) names.add(name);
      else if (file.endsWith('.html')) unknown.push(`${file}: ${name}`);
    }
  }
  if (unknown.length) throw new Error(`Icons that do not exist:\n${unknown.join('\n')}`);
  return [...names].sort();
}

export function writeSprite(file) {
  const names = collect();
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join('')}</svg>\n`;
  fs.writeFileSync(file, sprite);
  return names.length;
}
