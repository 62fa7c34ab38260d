// <sla-timer datetime="due" [minutes="left when rendered"] [until="end of the working stretch"]
//            [urgent="120"] [soon="480"]> inside a .sla badge.
//
// Without `minutes` it counts the clock on the wall. With it, it counts working time: down to `until`, then it stands
// still; an empty `until` means that it is standing still now.
import { announce } from './announce.js';
import { words } from './words.js';

const MINUTE = 60_000;
const EVERY = 30_000;
const LEVELS = ['ok', 'soon', 'urgent', 'over'];
const SAID = { soon: words.levelSoon, urgent: words.levelUrgent, over: words.levelOver };

export function spanText(minutes) {
  const whole = Math.abs(Math.trunc(minutes));
  const days = Math.floor(whole / 1440);
  const hours = Math.floor((whole % 1440) / 60);
  if (days) return `${days}${words.days} ${hours}${words.hours}`;
  if (hours) return `${hours}${words.hours} ${whole % 60}${words.minutes}`;
  return `${whole % 60}${words.minutes}`;
}

class SlaTimer extends HTMLElement {
  // A script that runs while the page is still read would write before the element's own words have arrived.
  connectedCallback() {
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => this.start(), { once: true });
    else this.start();
  }

  start() {
    if (!this.isConnected) return;
    this.started = Date.now();
    this.tick();
    this.timer = setInterval(() => this.tick(), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  minutesLeft() {
    const now = Date.now();
    if (!this.hasAttribute('minutes')) return Math.floor((new Date(this.getAttribute('datetime')) - now) / MINUTE);
    const until = this.getAttribute('until');
    const end = until === null ? now : until === '' ? this.started : Math.min(now, new Date(until));
    return Number(this.getAttribute('minutes')) - Math.max(0, Math.floor((end - this.started) / MINUTE));
  }

  level(minutes) {
    if (minutes < 0) return 'over';
    if (minutes < Number(this.getAttribute('urgent') || 120)) return 'urgent';
    return minutes < Number(this.getAttribute('soon') || 480) ? 'soon' : 'ok';
  }

  tick() {
    const minutes = this.minutesLeft();
    const span = spanText(minutes);
    if (this.hasAttribute('plain')) this.textContent = span;
    else this.textContent = minutes < 0 ? words.over(span) : words.left(span);
    this.show(this.level(minutes));
  }

  // The text changes silently; only a change to a worse level is said aloud.
  show(level) {
    const badge = this.closest('.sla');
    if (!badge) return;
    const before = LEVELS.findIndex((known) => badge.classList.contains(`sla-${known}`));
    if (LEVELS[before] === level) return;
    badge.classList.remove(...LEVELS.map((known) => `sla-${known}`));
    badge.classList.add(`sla-${level}`);
    if (LEVELS.indexOf(level) > before) announce(SAID[level]);
  }
}

customElements.define('sla-timer', SlaTimer);
