"""What a person does on pages that span features, one module a noun."""
