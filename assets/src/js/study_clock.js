// <study-clock src="/…/beat/" kind="text|video|room" every="15">: tells the server every few seconds when one was at it
// and which parts of a video were seen. What could not be sent is kept for this tab and sent later, so a lost connection
// or a reload loses nothing; the server counts the same time once, however often it is told.
const KEPT_FOR = 10 * 60_000;
const STALE = 2 * 60_000;

class StudyClock extends HTMLElement {
  connectedCallback() {
    this.key = `study:${this.getAttribute('src')}`;
    this.waiting = this.kept();
    this.every = Number(this.getAttribute('every') || 15) * 1000;
    this.touched = Date.now();
    this.onTouch = () => { this.touched = Date.now(); };
    this.onLeave = () => { this.tick(); this.send(true); };
    for (const name of ['pointermove', 'keydown', 'scroll', 'touchstart']) {
      document.addEventListener(name, this.onTouch, { passive: true });
    }
    document.addEventListener('visibilitychange', this.onLeave);
    window.addEventListener('pagehide', this.onLeave);
    this.last = Date.now();
    this.timer = setInterval(() => this.tick(), 1000);
    this.sender = setInterval(() => this.send(), this.every);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    clearInterval(this.sender);
    for (const name of ['pointermove', 'keydown', 'scroll', 'touchstart']) document.removeEventListener(name, this.onTouch);
    document.removeEventListener('visibilitychange', this.onLeave);
    window.removeEventListener('pagehide', this.onLeave);
  }

  get video() {
    return document.querySelector('stream-player video');
  }

  isAtIt() {
    const { video } = this;
    if (!video && this.hasAttribute('room')) return false;
    if (video) return !video.paused && !video.ended && video.readyState > 2;
    return !document.hidden && Date.now() - this.touched < STALE;
  }

  tick() {
    const now = Date.now();
    if (this.isAtIt() && now - this.last < 5000) this.note(this.waiting.spans, [this.last, now], 1500);
    this.last = now;
    const { video } = this;
    if (video && !this.hasAttribute('live')) {
      const at = video.currentTime;
      if (!video.paused && this.at !== undefined && at > this.at && at - this.at < 5) {
        this.note(this.waiting.seen, [this.at, at], 0.6);
      }
      this.at = video.seeking ? undefined : at;
      this.waiting.position = at;
    }
  }

  note(parts, part, join) {
    const newest = parts.at(-1);
    if (newest && part[0] <= newest[1] + join && part[0] >= newest[0]) newest[1] = Math.max(newest[1], part[1]);
    else parts.push(part);
  }

  async send(leaving = false) {
    const { spans, seen, position } = this.waiting;
    if (!spans.length && !seen.length) return;
    const sent = this.waiting;
    this.waiting = { spans: [], seen: [], position };
    const now = Date.now();
    const body = JSON.stringify({
      spans: spans.slice(-40).map(([from, to]) => [(now - from) / 1000, (now - to) / 1000]),
      seen: seen.slice(-40),
      ...(position === undefined ? {} : { position }),
    });
    this.keep(sent);
    try {
      const answer = await fetch(this.getAttribute('src'), {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': this.token(), ...(this.isAtIt() ? {} : { 'X-Poll': '1' }) },
        keepalive: leaving,
        redirect: 'error',
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
      this.keep(null);
      if (answer.ok) this.tell(await answer.json());
    } catch {
      this.waiting = { spans: [...sent.spans, ...this.waiting.spans], seen: [...sent.seen, ...this.waiting.seen], position };
      this.keep(this.waiting);
    }
  }

  tell(said) {
    if (!said.done || this.done) return;
    this.done = true;
    document.querySelectorAll('[data-when-done]').forEach((part) => { part.hidden = false; });
  }

  token() {
    return JSON.parse(document.body.getAttribute('hx-headers') || '{}')['X-CSRFToken'] || '';
  }

  keep(waiting) {
    if (waiting) sessionStorage.setItem(this.key, JSON.stringify(waiting));
    else sessionStorage.removeItem(this.key);
  }

  kept() {
    const empty = { spans: [], seen: [], position: undefined };
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key)) || empty;
      return { ...empty, ...kept, spans: kept.spans.filter(([, to]) => Date.now() - to < KEPT_FOR) };
    } catch {
      return empty;
    }
  }
}

customElements.define('study-clock', StudyClock);
