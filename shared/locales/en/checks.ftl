# One sentence for every check. Key: check-<id>, with . and _ written as - (shared::page::key_of).
# Says what is verified and why, as a learner would want it told.
