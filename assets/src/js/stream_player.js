// <stream-player src="…" stream start="12.5"><video …></video></stream-player>: a video from a file or an HLS address,
// from where one stopped, in the speed one chose. The library for HLS is only fetched by pages that hold a stream.
import { words } from './words.js';

const SPEED = 'training-speed';

class StreamPlayer extends HTMLElement {
  connectedCallback() {
    this.video = this.querySelector('video');
    if (!this.video) return;
    const speed = this.querySelector('[data-speed]');
    if (speed) {
      speed.value = localStorage.getItem(SPEED) || '1';
      speed.addEventListener('change', () => this.setSpeed(speed.value));
    }
    this.video.addEventListener('loadedmetadata', () => this.begin(), { once: true });
    this.video.addEventListener('error', () => this.fail());
    this.load();
  }

  disconnectedCallback() {
    this.hls?.destroy();
  }

  async load() {
    const src = this.getAttribute('src');
    if (!this.hasAttribute('stream')) {
      this.video.src = src;
      return;
    }
    const { default: Hls } = await import('hls.js/light');
    if (!this.isConnected) return;
    if (!Hls.isSupported()) {
      this.video.src = src; // a browser that plays HLS by itself
      return;
    }
    this.hls = new Hls({ enableWorker: false, liveSyncDurationCount: 2, manifestLoadPolicy: this.patient() });
    this.hls.on(Hls.Events.ERROR, (_name, fault) => this.mend(Hls, fault));
    this.hls.loadSource(src);
    this.hls.attachMedia(this.video);
  }

  // A stream begins when its host does: asking again is no fault.
  patient() {
    const retry = { maxNumRetry: 20, retryDelayMs: 1500, maxRetryDelayMs: 6000 };
    return { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 15000, timeoutRetry: retry, errorRetry: retry } };
  }

  mend(Hls, fault) {
    if (!fault.fatal) return;
    if (fault.type === Hls.ErrorTypes.MEDIA_ERROR) this.hls.recoverMediaError();
    else this.fail();
  }

  begin() {
    const start = Number(this.getAttribute('start') || 0);
    if (start > 0 && start < this.video.duration - 3) this.video.currentTime = start;
    this.setSpeed(localStorage.getItem(SPEED) || '1');
  }

  setSpeed(value) {
    if (this.hasAttribute('live')) return;
    localStorage.setItem(SPEED, value);
    this.video.playbackRate = Number(value) || 1;
  }

  fail() {
    const note = this.querySelector('[data-fault]');
    if (note) {
      note.textContent = words.noVideo;
      note.hidden = false;
    }
  }
}

customElements.define('stream-player', StreamPlayer);
