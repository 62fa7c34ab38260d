"""The pages of the review desk, in the staff admin."""
