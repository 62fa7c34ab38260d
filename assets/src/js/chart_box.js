// <chart-box summary="…">{{ chart|json_script }}</chart-box>: the chart library is only fetched when one is near.
class ChartBox extends HTMLElement {
  connectedCallback() {
    this.watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.draw();
    }, { rootMargin: '200px' });
    this.watch.observe(this);
  }

  disconnectedCallback() {
    this.watch.disconnect();
    this.dispose?.();
  }

  async draw() {
    this.watch.disconnect();
    const { draw } = await import('./charts.js');
    if (this.isConnected && !this.dispose) this.dispose = draw(this);
  }
}

customElements.define('chart-box', ChartBox);
