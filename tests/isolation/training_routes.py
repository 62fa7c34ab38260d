"""The routes of training for the isolation matrix."""

# Courses belong to no shop: everybody who is signed in may see them; what one does there touches one's own rows only
# (tests/training/test_isolation.py).
OPEN = {
    *("training", "training_course", "training_enrol", "training_changes", "training_move_on", "training_file"),
    *("training_lesson", "training_read", "training_download"),
}
