# The record: flows, exchanges, parties, channels, statuses.
