# One sentence for every parameter. Key: parameter-<name>, with _ written as - (shared::page::key_of).
