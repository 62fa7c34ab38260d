// <price-bands>: a script with the rules (which threshold is held against which reference) and a chart of past prices.
// It reads the thresholds of the form it stands in ([data-threshold]) and moves the band of the chart as one types.
class PriceBands extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.rules = JSON.parse(this.querySelector(':scope > script').textContent);
    this.chart = this.querySelector('chart-box');
    this.typed = (event) => {
      if (event.target.dataset?.threshold) this.move();
    };
    this.form?.addEventListener('input', this.typed);
    this.move();
  }

  disconnectedCallback() {
    this.form?.removeEventListener('input', this.typed);
  }

  value(name) {
    const text = this.form?.elements[name]?.value?.trim();
    const number = Number(text);
    return text && Number.isFinite(number) ? number : null;
  }

  lowest() {
    const found = [];
    const floor = this.value('floor_price');
    if (floor !== null) found.push(floor);
    const cost = this.value('cost') ?? this.rules.references.cost ?? null;
    if (cost !== null && (this.value('cost') !== null || this.form.elements.never_below_cost?.value === 'true')) {
      found.push(cost);
    }
    const margin = this.value('minimum_margin');
    if (cost !== null && margin !== null && margin < 100) found.push(cost / (1 - margin / 100));
    this.each(this.rules.drops, (reference, percent) => found.push(reference * (1 - percent / 100)));
    return found.length ? Math.max(...found) : null;
  }

  highest() {
    const found = [];
    const ceiling = this.value('ceiling_price');
    if (ceiling !== null) found.push(ceiling);
    this.each(this.rules.rises, (reference, percent) => found.push(reference * (1 + percent / 100)));
    return found.length ? Math.min(...found) : null;
  }

  each(rules, take) {
    for (const [name, key] of Object.entries(rules)) {
      const percent = this.value(name);
      const reference = this.rules.references[key];
      if (percent !== null && reference !== undefined) take(reference, percent);
    }
  }

  move() {
    const band = { lowest: this.lowest(), highest: this.highest() };
    this.chart.band = band;
    this.chart.dispatchEvent(new CustomEvent('bandmoved'));
    const prices = JSON.parse(this.chart.querySelector('script').textContent).series[0].data;
    const outside = prices.filter(
      (price) => (band.lowest !== null && price < band.lowest) || (band.highest !== null && price > band.highest),
    ).length;
    const isSet = band.lowest !== null || band.highest !== null;
    const text = isSet ? (outside ? this.dataset.outside : this.dataset.inside) : this.dataset.none;
    this.querySelector('[data-told]').textContent = text.replace('[k]', outside).replace('[n]', prices.length);
    this.dataset.lowest = band.lowest === null ? '' : band.lowest.toFixed(2);
    this.dataset.highest = band.highest === null ? '' : band.highest.toFixed(2);
  }
}

customElements.define('price-bands', PriceBands);
