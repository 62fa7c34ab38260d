// <ordered-options> around label[draggable] with a select of places each: dragging one to another's place numbers them
// all from the top; choosing the numbers by hand does the same without a mouse.
class OrderedOptions extends HTMLElement {
  connectedCallback() {
    this.addEventListener('dragstart', (event) => this.take(event));
    for (const name of ['dragover', 'dragleave', 'drop']) this.addEventListener(name, (event) => this.over(event));
    this.addEventListener('dragend', () => this.mark(null));
  }

  take(event) {
    this.held = event.target.closest?.('label');
    event.dataTransfer.setData('text/plain', '');
  }

  over(event) {
    const target = event.target.closest?.('label');
    if (!this.held || !target) return;
    event.preventDefault();
    this.mark(event.type === 'dragover' ? target : null);
    if (event.type === 'drop' && target !== this.held) this.place(target);
  }

  place(target) {
    const down = this.held.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING;
    target[down ? 'after' : 'before'](this.held);
    this.querySelectorAll('select').forEach((select, index) => {
      select.value = String(index + 1);
    });
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }

  mark(label) {
    this.querySelectorAll('label').forEach((each) => each.classList.toggle('over', each === label));
  }
}

customElements.define('ordered-options', OrderedOptions);
