"""Pages that span features, and the site's health."""
