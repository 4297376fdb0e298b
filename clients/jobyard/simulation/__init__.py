"""A busy day in small: random jobs through several doors, workers, and an account of every job."""
