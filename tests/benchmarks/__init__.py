"""Speed, as ratios within one run: scripts to run by hand, never a timed test."""
