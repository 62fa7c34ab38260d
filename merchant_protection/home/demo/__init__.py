"""What the demo shows of each feature, made through the features' own services."""
