// npm run build: turns assets/src and node_modules into assets/build/portal (merchants' pages) and assets/build/staff
// (what we add to the staff admin's theme), which collectstatic picks up.
// Two runs over the same sources give the same bytes, and nothing is fetched from anywhere.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { onlyBootstrapUsed } from './bootstrap_used.mjs';
import { writeSprite } from './sprite.mjs';

const OUT = 'assets/build/portal';
const STAFF_OUT = 'assets/build/staff';
const PDF_OUT = 'assets/pdf-build';
const LETTERS = 'node_modules/@fontsource-variable/noto-sans-sc';
const FONT = 'inter-latin.woff2';
const COPIES = {
  'node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2': FONT,
  'node_modules/htmx.org/dist/htmx.min.js': 'htmx.min.js',
  'assets/src/favicon.svg': 'favicon.svg',
};

function emptyOut() {
  for (const folder of [OUT, STAFF_OUT, PDF_OUT]) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
  }
}

// The chart library is only loaded by pages that hold a chart, so it stays in a chunk of its own.
function buildScripts() {
  return build({
    entryPoints: { app: 'assets/src/js/app.js', theme: 'assets/src/js/theme_first.js' },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    outdir: OUT,
    target: ['es2022'],
    chunkNames: 'chunk-[name]-[hash]',
    legalComments: 'linked',
    logLevel: 'warning',
  });
}

function buildStyles() {
  return build({
    entryPoints: { portal: 'assets/src/css/portal.css' },
    bundle: true,
    minify: true,
    outdir: OUT,
    external: [`./${FONT}`],
    plugins: [onlyBootstrapUsed],
    logLevel: 'warning',
  });
}

// The theme loads scripts the old way, so ours is one file that starts by itself.
function buildStaff() {
  return build({
    entryPoints: { staff: 'assets/src/js/staff.js', styles: 'assets/src/css/staff.css' },
    entryNames: 'staff',
    bundle: true,
    format: 'iife',
    minify: true,
    outdir: STAFF_OUT,
    target: ['es2022'],
    legalComments: 'linked',
    logLevel: 'warning',
  });
}

function copyFiles() {
  for (const [source, name] of Object.entries(COPIES)) {
    fs.copyFileSync(source, path.join(OUT, name));
  }
}

// The letters that PDFs carry; no page loads them.
function copyLetters() {
  const slices = fs.readdirSync(`${LETTERS}/files`).filter((name) => name.endsWith('.woff2'));
  for (const file of [...slices.map((name) => `files/${name}`), 'unicode.json', 'LICENSE']) {
    fs.copyFileSync(path.join(LETTERS, file), path.join(PDF_OUT, path.basename(file)));
  }
}

function report(icons) {
  const files = [OUT, STAFF_OUT].flatMap((folder) => fs.readdirSync(folder).sort().map((name) => path.join(folder, name)));
  const sizes = files.map((file) => `${file} ${(fs.statSync(file).size / 1024).toFixed(1)} KB`);
  console.log([`${icons} icons`, ...sizes].join('\n'));
}

emptyOut();
await Promise.all([buildScripts(), buildStyles(), buildStaff()]);
copyFiles();
copyLetters();
report(writeSprite(path.join(OUT, 'icons.svg')));
