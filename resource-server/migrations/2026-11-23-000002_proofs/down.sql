DROP TABLE used_proofs;
DROP TABLE nonce_secrets;
