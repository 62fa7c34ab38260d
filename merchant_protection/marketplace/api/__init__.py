"""The marketplace for programs: events in, facts out."""
