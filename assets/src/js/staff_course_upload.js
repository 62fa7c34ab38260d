// <course-upload begin purpose> around a form: the chosen file is sent in pieces, then the form with its number.
import { json, pieces } from './in_pieces.js';
import { words } from './words.js';

class CourseUpload extends HTMLElement {
  connectedCallback() {
    // What is inside may not be there yet; and the theme would look for a field to write the file's name into.
    this.addEventListener('change', (event) => this.chosen(event), true);
  }

  chosen(event) {
    event.stopPropagation();
    this.send(event.target.files?.[0]);
  }

  get form() {
    return this.querySelector('form');
  }

  async send(file) {
    if (!file) return;
    const token = this.form.elements.csrfmiddlewaretoken.value;
    const begin = this.getAttribute('begin');
    try {
      const about = { purpose: this.getAttribute('purpose'), name: file.name, size: file.size };
      const begun = await json('POST', begin, about, token);
      if (!begun.ok) this.say(begun.reason || words.failed);
      else if (await pieces(`${begin}${begun.id}/`, file, begun, (sent) => this.show(sent, file.size), token)) {
        this.form.elements.namedItem('file').value = begun.id;
        this.form.submit();
      } else this.say(words.uploadBroken);
    } catch {
      this.say(words.uploadBroken);
    }
  }

  show(sent, size) {
    this.say(`${Math.floor((100 * sent) / size)} %`);
  }

  say(text) {
    this.querySelector('[role=status]').textContent = text;
  }
}

customElements.define('course-upload', CourseUpload);
