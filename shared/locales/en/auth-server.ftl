# The pages of the authorization server: sign-in, consent, errors.
