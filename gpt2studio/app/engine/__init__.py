"""The model as the app holds it: chosen, started, asked, and started again when it dies."""
