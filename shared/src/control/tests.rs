//! Unit tests of the controls: what waits, for whom and how long.
