// <count-down until="2026-11-26T13:00:00Z">12:00</count-down>: the time left as minutes and seconds, days when many.
class CountDown extends HTMLElement {
  connectedCallback() {
    this.until = Date.parse(this.getAttribute('until'));
    this.timer = setInterval(() => this.show(), 1000);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const left = Math.max(0, Math.round((this.until - Date.now()) / 1000));
    if (left >= 86_400) return; // the server's words are better
    const two = (number) => String(number).padStart(2, '0');
    const hours = Math.floor(left / 3600);
    const rest = `${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    this.textContent = hours ? `${hours}:${rest}` : rest;
    if (left === 0) {
      clearInterval(this.timer);
      this.closest('form')?.querySelector('[data-time-up]')?.removeAttribute('hidden');
    }
  }
}

customElements.define('count-down', CountDown);
