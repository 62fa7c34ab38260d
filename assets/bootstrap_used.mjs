// Leaves out of Bootstrap's style sheet what no page of ours can use.
//
// A rule stays when every class in it is a word that stands somewhere in a template, in Python or in a script, ours or
// of the library that writes forms. A word that ends in a hyphen (col-{{ width }}) keeps every class that begins so.
// Rules without classes always stay; a custom property stays as long as something that stays reads it.
import fs from 'node:fs';
import path from 'node:path';
import { filesUnder } from './sprite.mjs';

const BOOTSTRAP = /bootstrap[\\/]dist[\\/]css[\\/]bootstrap\.min\.css$/;
const OUR_STYLES = 'assets/src/css';
const FORMS = 'crispy_bootstrap5/templates';
const WORD = /[A-Za-z_][\w-]*/g;
const CLASS = /\.((?:\\.|[\w-])+)/g;
const READ = /var\(\s*(--[\w-]+)/g;

function formTemplates() {
  const libraries = fs.readdirSync('.venv/lib').filter((name) => name.startsWith('python'));
  const found = libraries.map((name) => path.join('.venv/lib', name, 'site-packages', FORMS)).find(fs.existsSync);
  if (!found) throw new Error(`${FORMS} is not installed, so nobody knows which classes forms use`);
  return found;
}

function wordsOfPages() {
  const files = [...filesUnder('.', /\.(html|py|js)$/)].filter((file) => !/(^|\/)(admin|locale|migrations)\//.test(file));
  const ofForms = fs.readdirSync(formTemplates(), { recursive: true }).map((name) => path.join(formTemplates(), name));
  const all = [...files, ...ofForms.filter((file) => file.endsWith('.html'))];
  return new Set(all.flatMap((file) => fs.readFileSync(file, 'utf8').match(WORD) ?? []));
}

// [{ head, body }] of a style sheet without comments; body holds rules where head is @media, @supports or @keyframes.
function blocks(css) {
  const found = [];
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf('{', at);
    if (open < 0) break;
    let end = open + 1;
    for (let depth = 1; depth; end += 1) depth += css[end] === '{' ? 1 : css[end] === '}' ? -1 : 0;
    found.push({ head: css.slice(at, open), body: css.slice(open + 1, end - 1) });
    at = end;
  }
  return found;
}

// Commas inside :not(…) and :is(…) part no selectors.
function selectorsOf(head) {
  return head.split(/,(?![^(]*\))/);
}

function reduced(css, mayBeUsed) {
  return blocks(css)
    .map(({ head, body }) => {
      if (head.startsWith('@keyframes') || head.startsWith('@font-face')) return `${head}{${body}}`;
      if (head.startsWith('@')) {
        const inner = reduced(body, mayBeUsed);
        return inner && `${head}{${inner}}`;
      }
      const kept = selectorsOf(head).filter((one) => [...one.matchAll(CLASS)].every((found) => mayBeUsed(found[1])));
      return kept.length ? `${kept.join(',')}{${body}}` : '';
    })
    .join('');
}

function withoutUnread(css, alsoRead) {
  const read = new Set([...`${css}${alsoRead}`.matchAll(READ)].map((found) => found[1]));
  const kept = css.replace(/(?<=[{;])(--[\w-]+):[^;{}]*(;|(?=}))/g, (whole, name) => (read.has(name) ? whole : ''));
  return kept === css ? css : withoutUnread(kept, alsoRead);
}

function withoutIdleAnimations(css, alsoRead) {
  return blocks(css)
    .filter(({ head }) => !head.startsWith('@keyframes') || `${css}${alsoRead}`.split(head.slice(11)).length > 2)
    .map(({ head, body }) => (body ? `${head}{${body}}` : ''))
    .join('');
}

export function bootstrapUsed(css) {
  const words = wordsOfPages();
  const beginnings = [...words].filter((word) => word.endsWith('-') && word.length > 2);
  const mayBeUsed = (name) => words.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  const ours = fs.readdirSync(OUR_STYLES).map((name) => fs.readFileSync(path.join(OUR_STYLES, name), 'utf8')).join('');
  const [licence] = css.match(/\/\*![\s\S]*?\*\//);
  const rules = css.replace(/@charset "[^"]*";/, '').replace(/\/\*[\s\S]*?\*\//g, '');
  return licence + withoutIdleAnimations(withoutUnread(reduced(rules, mayBeUsed), ours), ours);
}

export const onlyBootstrapUsed = {
  name: 'only what is used of Bootstrap',
  setup(build) {
    build.onLoad({ filter: BOOTSTRAP }, ({ path: file }) => ({
      contents: bootstrapUsed(fs.readFileSync(file, 'utf8')),
      loader: 'css',
      resolveDir: path.dirname(file),
    }));
  },
};
