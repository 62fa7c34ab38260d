// npm run build: turns assets/src and node_modules into assets/build/portal, which collectstatic picks up.
// Two runs over the same sources give the same bytes, and nothing is fetched from anywhere.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { writeSprite } from './sprite.mjs';

const OUT = 'assets/build/portal';
const FONT = 'inter-latin.woff2';
const COPIES = {
  'node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2': FONT,
  'node_modules/htmx.org/dist/htmx.min.js': 'htmx.min.js',
  'assets/src/favicon.svg': 'favicon.svg',
};

function emptyOut() {
  fs.rmSync(OUT, { recursive: true, force: true });
  fs.mkdirSync(OUT, { recursive: true });
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
    logLevel: 'warning',
  });
}

function copyFiles() {
  for (const [source, name] of Object.entries(COPIES)) {
    fs.copyFileSync(source, path.join(OUT, name));
  }
}

function report(icons) {
  const sizes = fs.readdirSync(OUT).sort().map((name) => {
    const size = fs.statSync(path.join(OUT, name)).size;
    return `${name} ${(size / 1024).toFixed(1)} KB`;
  });
  console.log([`${icons} icons`, ...sizes].join('\n'));
}

emptyOut();
await Promise.all([buildScripts(), buildStyles()]);
copyFiles();
report(writeSprite(path.join(OUT, 'icons.svg')));
