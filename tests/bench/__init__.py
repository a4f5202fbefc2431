"""Speed, as ratios within one run: `python -m tests.bench`, never a timed test."""
