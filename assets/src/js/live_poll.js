// <live-poll src="/m/live/" interval="15">: asks every so many seconds whether anything changed. The server answers
// 304 when not; otherwise each element of its answer takes the place of the element on the page with the same id.
// It rests while the page is hidden, asks at once when it is shown again, and slows down while the server is away.
// What somebody has in hand (the focus, a field that was filled in, a picked row, an opened detail) is left alone
// until they let go.
const SLOWEST = 300;

function isChanged(field) {
  if (field.type === 'hidden') return false;
  if (field.options) return [...field.options].some((one) => one.selected && !one.defaultSelected && one.index > 0);
  const isTicked = field.type === 'checkbox' || field.type === 'radio';
  return isTicked ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function isInHand(part) {
  if (part.contains(document.activeElement) || part.querySelector('details[open]')) return true;
  return [...part.querySelectorAll('input, select, textarea')].some(isChanged);
}

class LivePoll extends HTMLElement {
  connectedCallback() {
    this.interval = Number(this.getAttribute('interval') || 15);
    this.tag = this.getAttribute('etag') || '';
    this.faults = 0;
    this.onVisibility = () => (document.hidden ? clearTimeout(this.timer) : this.ask());
    document.addEventListener('visibilitychange', this.onVisibility);
    if (!document.hidden) this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.request?.abort();
    document.removeEventListener('visibilitychange', this.onVisibility);
  }

  wait() {
    clearTimeout(this.timer);
    const seconds = Math.min(SLOWEST, this.interval * 2 ** this.faults);
    this.timer = setTimeout(() => this.ask(), seconds * 1000);
  }

  async ask() {
    clearTimeout(this.timer);
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    try {
      const answer = await fetch(this.getAttribute('src'), {
        // X-Poll: a page left open is not a person at work, and must not keep the session alive.
        headers: { 'X-Poll': '1', ...(this.tag ? { 'If-None-Match': this.tag } : {}) },
        redirect: 'error',
        signal: request.signal,
      });
      if (answer.status >= 400) throw new Error(String(answer.status));
      if (answer.status === 200) this.show(await answer.text(), answer.headers.get('ETag'));
      this.faults = 0;
    } catch {
      if (request.signal.aborted) return;
      this.faults += 1;
    }
    if (!document.hidden && this.isConnected) this.wait();
  }

  show(html, tag) {
    this.tag = tag || '';
    const answer = new DOMParser().parseFromString(html, 'text/html');
    for (const fresh of answer.querySelectorAll('body > [id]')) {
      const old = document.getElementById(fresh.id);
      if (!old || old.outerHTML === fresh.outerHTML) continue;
      if (isInHand(old)) {
        this.tag = ''; // asked for again until it is let go
        continue;
      }
      const adopted = document.adoptNode(fresh);
      old.replaceWith(adopted);
      window.htmx?.process(adopted);
    }
  }
}

customElements.define('live-poll', LivePoll);
