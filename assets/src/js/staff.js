// What we add to the staff admin's theme: clocks, relative times, names for what it leaves unnamed, and keys.
import '@github/relative-time-element';
import './evidence_viewer.js';
import './sla_timer.js';
import './staff_course_upload.js';
import './staff_desk.js';
import './staff_keys.js';
import './staff_names.js';
import './staff_rows.js';
import './staff_sortable.js';
import './staff_tables.js';
