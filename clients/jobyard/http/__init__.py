"""The clients' methods over HTTP, for where only HTTP gets through: lines are faster."""
