# The pages of the client app: the start page, the grants, the token inspector.
