# The pages of the resource server.
