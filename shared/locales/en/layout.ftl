# The frame of every page.
layout-product = Grantscope
layout-skip = Skip to the content
layout-where = You are on:
layout-nav = This service
layout-languages = Language
layout-services = The three services
layout-realm = Realm: { $realm }
layout-demo-title = Demo credentials are in use.
layout-demo-text = Everybody knows these names and passwords. Enter nothing real here, and keep this server on your own machine.

# The three services. Suffix: Service::name().
service-client-app = Client app
service-auth-server = Authorization server
service-resource-server = Resource server

# What an alert box begins with. Suffix: Tone::name().
tone-info = Note
tone-success = Done
tone-warn = Take care
tone-error = Problem
