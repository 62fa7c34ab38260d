// Behaviour lives in custom elements and in data- attributes: custom elements start by themselves when htmx swaps
// them in, the rest listens on the document. Nothing needs eval, an inline script or a framework.
import '@github/relative-time-element';
import './announce.js';
import './bulk_selection.js';
import './card_tables.js';
import './chart_box.js';
import './confirm.js';
import './copy_text.js';
import './count_down.js';
import './dirty_forms.js';
import './drafts.js';
import './drawer.js';
import './evidence_upload.js';
import './evidence_viewer.js';
import './file_drop.js';
import './focus.js';
import './keyboard.js';
import './live_poll.js';
import './menus.js';
import './password_field.js';
import './price_bands.js';
import './sla_timer.js';
import './text_counter.js';
import './theme.js';
import './toasts.js';
import './training_pages.js';
import './views.js';
