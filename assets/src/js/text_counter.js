// <text-counter for="id_story"> counts the characters of that field against its maxlength.
class TextCounter extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute('for'));
    if (!this.field) return;
    this.update = () => {
      this.textContent = `${[...this.field.value].length} / ${this.field.maxLength}`;
    };
    this.field.addEventListener('input', this.update);
    this.update();
  }

  disconnectedCallback() {
    this.field?.removeEventListener('input', this.update);
  }
}

customElements.define('text-counter', TextCounter);
