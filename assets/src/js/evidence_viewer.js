// <evidence-viewer> around a JSON list of pieces: pictures and pages with zoom and rotation, two side by side, films that
// can be wound, recordings, texts; facts and fingerprint beside each. Keys: + − R S and the arrows.
import { words } from './words.js';

const STEPS = [0.25, 0.5, 1, 1.5, 2, 3, 4];

function make(tag, className = '', text = '') {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function press(label, act, text = label) {
  const node = make('button', 'btn btn-small', text);
  node.type = 'button';
  if (text !== label) node.setAttribute('aria-label', label);
  node.addEventListener('click', act);
  return node;
}

// One side of the stage: a piece, its page, how large and how turned.
class Pane {
  constructor(items) {
    this.items = items;
    this.node = make('section', 'viewer-pane');
    this.frame = make('div', 'viewer-frame');
    this.frame.tabIndex = 0;
    this.facts = make('div', 'viewer-facts');
    this.node.append(this.frame, this.facts);
    this.show(0);
  }

  get item() {
    return this.items[this.index];
  }

  show(index) {
    this.index = (index + this.items.length) % this.items.length;
    Object.assign(this, { page: 0, zoom: 2, turn: 0 });
    this.draw();
  }

  turnPage(step) {
    const count = this.item.pages.length;
    if (count) this.page = Math.min(count - 1, Math.max(0, this.page + step));
    this.draw();
  }

  scale(step) {
    this.zoom = Math.min(STEPS.length - 1, Math.max(0, this.zoom + step));
    this.fit();
  }

  rotate() {
    this.turn = (this.turn + 90) % 360;
    this.fit();
  }

  fit() {
    const picture = this.frame.querySelector('img');
    if (!picture) return;
    picture.style.width = `${STEPS[this.zoom] * 100}%`;
    picture.style.rotate = `${this.turn}deg`;
  }

  draw() {
    const { item } = this;
    this.frame.setAttribute('aria-label', item.name);
    this.frame.setAttribute('role', 'group');
    this.frame.replaceChildren(this.content(item));
    this.fit();
    this.describe(item);
  }

  content(item) {
    if (item.status !== 'CLEAN') return make('p', 'muted', words.notReady);
    if (item.kind === 'VIDEO' || item.kind === 'AUDIO') {
      const player = make(item.kind === 'VIDEO' ? 'video' : 'audio');
      player.controls = true;
      player.preload = 'metadata';
      player.src = item.clean;
      if (item.still) player.poster = item.still;
      return player;
    }
    if (item.kind === 'TEXT') {
      const text = make('pre');
      fetch(item.clean).then((answer) => answer.text()).then((body) => { text.textContent = body; });
      return text;
    }
    const picture = make('img');
    picture.src = item.pages.length ? item.pages[this.page] : item.clean;
    picture.alt = item.pages.length ? `${item.name} ${this.page + 1} / ${item.pages.length}` : item.name;
    return picture;
  }

  describe(item) {
    const head = make('p', '', '');
    head.append(make('b', '', item.name), ` · ${item.type}`);
    if (item.pages.length) head.append(` · ${this.page + 1} / ${item.pages.length}`);
    const list = make('dl', 'facts');
    const rows = { ...item.facts, 'SHA-256': item.digest };
    for (const [name, value] of Object.entries(rows)) {
      const row = make('div');
      row.append(make('dt', '', words.facts[name] || name), make('dd', '', value));
      list.append(row);
    }
    this.facts.replaceChildren(head);
    if (item.note) this.facts.append(make('p', '', item.note));
    if (item.same.length) this.facts.append(make('p', 'why', words.samePicture(item.same.join(', '))));
    this.facts.append(list);
    if (item.original) {
      const link = make('a', 'btn btn-small', words.original);
      link.href = item.original;
      link.download = '';
      this.facts.append(link);
    }
  }
}

class EvidenceViewer extends HTMLElement {
  connectedCallback() {
    // Where this script came before the page, what lies inside is not there yet.
    if (document.readyState !== 'loading') this.begin();
    else addEventListener('DOMContentLoaded', () => this.begin(), { once: true });
  }

  begin() {
    if (this.panes || !this.isConnected) return;
    this.items = JSON.parse(this.querySelector('script').textContent);
    if (!this.items.length) return;
    this.panes = [new Pane(this.items)];
    this.active = 0;
    this.stage = make('div', 'viewer-stage');
    this.strip = make('div', 'viewer-strip');
    this.strip.setAttribute('role', 'group');
    this.strip.setAttribute('aria-label', words.files);
    this.items.forEach((item, index) => this.strip.append(this.thumbnail(item, index)));
    this.append(this.bar(), this.stage, this.strip);
    this.addEventListener('keydown', (event) => this.key(event));
    const wanted = this.items.findIndex((item) => `#evidence-${item.id}` === location.hash);
    if (wanted > 0) this.pane.show(wanted);
    this.draw();
  }

  get pane() {
    return this.panes[this.active];
  }

  bar() {
    const bar = make('div', 'viewer-bar');
    this.pageButtons = [
      press(words.previousPage, () => this.act((pane) => pane.turnPage(-1)), '‹'),
      press(words.nextPage, () => this.act((pane) => pane.turnPage(1)), '›'),
    ];
    this.side = press(words.sideBySide, () => this.beside());
    this.side.setAttribute('aria-pressed', 'false');
    bar.append(
      press(words.zoomOut, () => this.act((pane) => pane.scale(-1)), '−'),
      press(words.zoomIn, () => this.act((pane) => pane.scale(1)), '+'),
      press(words.rotate, () => this.act((pane) => pane.rotate())),
      ...this.pageButtons,
      this.side,
    );
    return bar;
  }

  act(change) {
    change(this.pane);
    this.draw();
  }

  beside() {
    if (this.panes.length === 2) this.panes.length = 1;
    else this.panes.push(new Pane(this.items));
    this.active = this.panes.length - 1;
    if (this.active) this.panes[1].show(this.panes[0].index + 1);
    this.side.setAttribute('aria-pressed', String(this.panes.length === 2));
    this.draw();
  }

  thumbnail(item, index) {
    const node = press(item.name, () => this.act((pane) => pane.show(index)), '');
    node.className = 'viewer-thumb';
    if (item.thumbnail) {
      const picture = make('img');
      picture.src = item.thumbnail;
      picture.alt = '';
      node.append(picture);
    } else node.append(make('span', '', item.name));
    return node;
  }

  draw() {
    const nodes = this.panes.map((pane) => pane.node);
    // What stands there stays: whoever is moved in the page loses the focus, and the keys with it.
    [...this.stage.children].filter((node) => !nodes.includes(node)).forEach((node) => node.remove());
    nodes.filter((node) => !node.isConnected).forEach((node) => this.stage.append(node));
    this.panes.forEach((pane, index) => {
      pane.node.classList.toggle('active', this.panes.length > 1 && index === this.active);
      pane.node.onclick = () => {
        if (this.active !== index) {
          this.active = index;
          this.draw();
        }
      };
    });
    [...this.strip.children].forEach((node, index) => {
      node.setAttribute('aria-pressed', String(index === this.pane.index));
    });
    this.pageButtons.forEach((node) => { node.hidden = this.pane.item.pages.length < 2; });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.body.dataset.keys === 'off' || event.target.closest('video, audio, input, textarea')) return;
    const acts = {
      '+': (pane) => pane.scale(1),
      '=': (pane) => pane.scale(1),
      '-': (pane) => pane.scale(-1),
      r: (pane) => pane.rotate(),
      ArrowLeft: (pane) => pane.show(pane.index - 1),
      ArrowRight: (pane) => pane.show(pane.index + 1),
      PageUp: (pane) => pane.turnPage(-1),
      PageDown: (pane) => pane.turnPage(1),
    };
    if (event.key === 's') this.beside();
    else if (acts[event.key]) this.act(acts[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('evidence-viewer', EvidenceViewer);
